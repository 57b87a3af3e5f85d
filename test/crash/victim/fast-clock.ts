import { type Clock, systemClock } from '@virtkit/spi'

const pace = 20

/**
 * A clock that runs twenty times as fast, so that tries come soon after one another, and is ahead of the machine's. What a
 * process left half done is taken up at once by one whose clock is ahead of its lease.
 */
function fastClock(aheadMs: number): Clock {
  const start = Date.now()
  return {
    ...systemClock,
    now: () => start + aheadMs + (Date.now() - start) * pace,
    sleep: (ms, signal) => systemClock.sleep(ms / pace, signal),
  }
}

/** The clock of the process that arranges a world (0), or of one that comes after so many others. */
export function clockOf(generation: number): Clock {
  return fastClock(generation * generationMs)
}

/** How much further ahead each process is than the one before it: more than a lease, less than an installation may take. */
const generationMs = 300_000
/** Long, because the clock is fast. */
export const leaseMs = 150_000
