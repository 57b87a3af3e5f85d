import type { PveCall } from './client/pve-call.ts'
import { isPveError } from './client/pve-error.ts'

/**
 * Asks for a change and, when its answer is lost, looks whether it comes about.
 * Promises: resolves when it was answered or has come about; throws what was lost when it has not within `settleMs`.
 */
export async function settled(
  pve: PveCall,
  settleMs: number,
  change: () => Promise<unknown>,
  cameAbout: () => Promise<boolean>,
): Promise<void> {
  try {
    await change()
  } catch (lost) {
    if (!isPveError(lost, 'unreachable') || lost.happened === 'no') throw lost
    const until = performance.now() + settleMs
    for (let pause = 30; performance.now() < until; pause = Math.min(pause * 1.6, 1000)) {
      await pve.pause(pause)
      if (await quietly(cameAbout)) return
    }
    throw lost
  }
}

async function quietly(look: () => Promise<boolean>): Promise<boolean> {
  try {
    return await look()
  } catch (error) {
    if (isPveError(error, 'unreachable')) return false
    throw error
  }
}
