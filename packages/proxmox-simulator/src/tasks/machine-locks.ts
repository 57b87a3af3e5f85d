import { failed } from '../api-error.ts'
import type { Pace } from '../pace.ts'
import type { Machine } from '../world/machine.ts'

/** How long the original waits for the lock on a machine's file: alone, and with others. */
const patienceMs = { alone: 10_000, together: 1000 }

/**
 * The lock on a machine's file: one holder alone, or any number together; who waits too long fails. It is not the lock in the
 * configuration (`lock: backup`), which stays over restarts and which `checkLock` is about.
 */
export interface MachineLocks {
  /** Nobody else holds it while the work lasts. */
  hold<Result>(vmid: number, work: () => Promise<Result> | Result): Promise<Result>
  /** Others may hold it together with this one, and nobody alone. */
  share<Result>(vmid: number, work: () => Promise<Result> | Result): Promise<Result>
}

interface Holder {
  readonly alone: boolean
  readonly released: Promise<void>
}

export function createMachineLocks(pace: Pace): MachineLocks {
  const holders = new Map<number, Set<Holder>>()
  const take = async <Result>(vmid: number, alone: boolean, work: () => Promise<Result> | Result): Promise<Result> => {
    const present = holders.get(vmid) ?? new Set()
    holders.set(vmid, present)
    const inTheWay = (): Holder | undefined => [...present].find((holder) => alone || holder.alone)
    let late: Promise<'late'> | undefined
    for (let holder = inTheWay(); holder; holder = inTheWay()) {
      if (!late) {
        late = pace.pause(alone ? patienceMs.alone : patienceMs.together).then(() => 'late' as const)
        late.catch(() => undefined)
      }
      if ((await Promise.race([holder.released, late])) === 'late') {
        throw failed(`can't lock file '/var/lock/qemu-server/lock-${vmid}.conf' - got timeout`)
      }
    }
    let release = (): void => undefined
    const own: Holder = { alone, released: new Promise((resolve) => (release = resolve)) }
    present.add(own)
    try {
      return await work()
    } finally {
      present.delete(own)
      release()
    }
  }
  return { hold: (vmid, work) => take(vmid, true, work), share: (vmid, work) => take(vmid, false, work) }
}

/** Throws what the original says of a machine that somebody works on. */
export function checkLock({ lock }: Machine): void {
  if (lock !== undefined) throw failed(`VM is locked (${lock})`)
}

/** Marks the machine as worked on while the work lasts. */
export async function withConfigLock<Result>(machine: Machine, lock: string, work: () => Promise<Result>): Promise<Result> {
  checkLock(machine)
  machine.lock = lock
  try {
    return await work()
  } finally {
    if (machine.lock === lock) delete machine.lock
  }
}
