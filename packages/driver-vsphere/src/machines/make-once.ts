import { TransportFailure, VimFault } from '../client/soap/vim-fault.ts'
import type { Found } from '../client/retrieve.ts'
import { type MoRef, refAt } from '../client/xml/xml-tree.ts'
import { conflict } from '../errors.ts'
import type { Work } from '../session.ts'
import { findMade, getMachine } from './find-machine.ts'

/** How long somebody else who makes the same machine is waited for: where only they can have the folder, and where it is a name. */
const othersMs = 20_000
const namesakeMs = 3_000
/** How long a machine whose answer was lost is looked for. */
const lostMs = 2_000

/**
 * Makes the machine of a key.
 *
 * Promises: one machine, whoever else makes it at the same time: what `make` makes has a folder or a name of the key's own, which can
 * be made only once. What a lost answer left behind is found and answered; when it is not found the failure is passed on, and nothing
 * is tried again.
 */
export async function makeOnce(work: Work, key: string, make: () => Promise<unknown>): Promise<Found> {
  try {
    const made: MoRef | undefined = refAt(await make())
    if (!made) throw new TransportFailure('NO_SOAP', true, 'The answer names no machine.')
    return await getMachine(work, made.id)
  } catch (error) {
    if (work.signal.aborted) throw error
    if (error instanceof VimFault && error.fault === 'DuplicateName') {
      const others = await waitForMade(work, key, namesakeMs)
      if (others) return others
    }
    if (error instanceof VimFault && /^(File)?AlreadyExists$/.test(error.fault)) {
      const others = await waitForMade(work, key, othersMs)
      if (others) return others
      work.undone()
      throw conflict(
        'On the datastore are files of a machine with this key, but the machine is not in the inventory.',
        'key',
        'Register that machine again, or remove its folder.',
      )
    }
    const left =
      error instanceof TransportFailure && error.isSent
        ? await waitForMade(work, key, lostMs).catch(() => undefined)
        : undefined
    if (left) return left
    throw error
  }
}

async function waitForMade(work: Work, key: string, forMs: number): Promise<Found | undefined> {
  const until = performance.now() + forMs
  for (let ms = 50; ; ms = Math.min(ms * 2, 1000)) {
    const found = await findMade(work, key)
    if (found || performance.now() + ms > until) return found
    await pause(ms, work.signal)
  }
}

/** Waits; rejects with the signal's reason when it aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}
