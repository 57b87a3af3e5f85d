import { type Clock, systemClock } from '@virtkit/spi'

const pace = 20

/**
 * A clock that runs twenty times as fast, so that tries and takeovers come soon, and is ahead of the machine's, so that the boot
 * server of the process before has been silent for long.
 */
function fastClock(aheadMs: number): Clock {
  const start = Date.now()
  return {
    ...systemClock,
    now: () => start + aheadMs + (Date.now() - start) * pace,
    steady: () => systemClock.steady() * pace,
    sleep: (ms, signal) => systemClock.sleep(ms / pace, signal),
  }
}

/** The clock of the process that arranges a world (0), or of one that comes after so many others. */
export function clockOf(generation: number): Clock {
  return fastClock(generation * generationMs)
}

/** How much further ahead each process is than the one before it: more than a boot server's silence, less than an installation may take. */
const generationMs = 300_000

/** For those who take over: silence is noticed after half a second, and a busy machine keeps nobody silent for as long. */
export const shortLeaseMs = 10_000
/** For those who have nothing to take over: they say nothing about being alive, which would be chance. */
export const longLeaseMs = 150_000
