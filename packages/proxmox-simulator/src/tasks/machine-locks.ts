import { failed } from '../api-error.ts'
import type { Pace } from '../pace.ts'
import type { Machine } from '../world/machine.ts'

/** How long the original waits for the lock on a machine's file. */
const patienceMs = 10_000

/**
 * The lock on a machine's file: one holder at a time, who waits too long fails. It is not the lock in the configuration
 * (`lock: backup`), which stays over restarts and which `checkLock` is about.
 */
export interface MachineLocks {
  hold<Result>(vmid: number, work: () => Promise<Result> | Result): Promise<Result>
}

export function createMachineLocks(pace: Pace): MachineLocks {
  const holders = new Map<number, Promise<void>>()
  return {
    hold: async (vmid, work) => {
      const path = `/var/lock/qemu-server/lock-${vmid}.conf`
      let late: Promise<'late'> | undefined
      for (let holder = holders.get(vmid); holder; holder = holders.get(vmid)) {
        if (!late) {
          late = pace.pause(patienceMs).then(() => 'late' as const)
          late.catch(() => undefined)
        }
        if ((await Promise.race([holder, late])) === 'late') throw failed(`can't lock file '${path}' - got timeout`)
      }
      let release = (): void => undefined
      holders.set(vmid, new Promise((resolve) => (release = resolve)))
      try {
        return await work()
      } finally {
        holders.delete(vmid)
        release()
      }
    },
  }
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
