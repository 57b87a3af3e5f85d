import type { Clock } from '@virtkit/spi'

export interface VirtualClock extends Clock {
  /**
   * Moves time forward, waking sleepers in the order of their time, then of their falling asleep.
   * Promises: what one sleeper does before it sleeps again is done before the next one wakes. Resolves when time has moved.
   */
  advance(ms: number): Promise<void>
  /** How many sleep. */
  readonly sleeping: number
  /** From now on time moves by itself (`true`) or only by `advance` (`false`). */
  auto(on: boolean): void
}

export interface VirtualClockOptions {
  /** Milliseconds since the epoch. Default 2025-01-01T00:00:00Z. */
  readonly startAt?: number
  /** Default true: whenever nothing else is under way, time jumps to the next sleeper. */
  readonly auto?: boolean
}

interface Sleeper {
  readonly at: number
  readonly sequence: number
  readonly wake: () => void
}

/** Turns of the event loop without any activity after which we call it idle. */
const idleTurns = 4

/**
 * A clock whose time is ours: a forty-minute installation passes in milliseconds, the same way each time.
 *
 * Promises: time never moves while work wrapped in `during` is under way.
 *
 * @example
 * ```ts
 * const clock = createVirtualClock({ auto: false })
 * const slept = clock.sleep(40 * 60_000)
 * await clock.advance(40 * 60_000)
 * await slept
 * ```
 */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  let now = options.startAt ?? Date.UTC(2025, 0, 1)
  let auto = options.auto ?? true
  let sequence = 0
  let underWay = 0
  let activity = 0
  let running = false
  const sleepers: Sleeper[] = []
  const workDone: (() => void)[] = []

  const idle = async (): Promise<void> => {
    for (let quiet = 0, seen = activity; quiet < idleTurns;) {
      await new Promise<void>((resolve) => (underWay > 0 ? workDone.push(resolve) : setImmediate(resolve)))
      quiet = seen === activity ? quiet + 1 : 0
      seen = activity
    }
  }
  const wakeNext = (): void => {
    const sleeper = sleepers.shift()
    if (!sleeper) return
    now = Math.max(now, sleeper.at)
    sleeper.wake()
  }
  const runByItself = async (): Promise<void> => {
    if (running) return
    running = true
    while (auto && sleepers.length > 0) {
      await idle()
      if (auto) wakeNext()
    }
    running = false
  }
  const stir = (): void => {
    activity += 1
    if (auto && sleepers.length > 0) void runByItself()
  }

  return {
    now: () => now,
    steady: () => now,
    get sleeping() {
      return sleepers.length
    },
    auto: (on) => {
      auto = on
      stir()
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = (): void => {
          sleepers.splice(sleepers.indexOf(sleeper), 1)
          stir()
          reject(signal?.reason)
        }
        const wake = (): void => {
          signal?.removeEventListener('abort', onAbort)
          stir()
          resolve()
        }
        const sleeper: Sleeper = { at: now + Math.ceil(Math.max(0, ms)), sequence: (sequence += 1), wake }
        // Sorted as it goes in: the same time keeps the order of arrival.
        const behind = sleepers.findIndex((other) => other.at > sleeper.at)
        sleepers.splice(behind === -1 ? sleepers.length : behind, 0, sleeper)
        signal?.addEventListener('abort', onAbort, { once: true })
        stir()
      }),
    during: async (work) => {
      underWay += 1
      activity += 1
      try {
        return await work()
      } finally {
        underWay -= 1
        if (underWay === 0) for (const resolve of workDone.splice(0)) resolve()
        stir()
      }
    },
    advance: async (ms) => {
      const until = now + ms
      for (;;) {
        await idle()
        const next = sleepers[0]
        if (!next || next.at > until) break
        wakeNext()
      }
      now = Math.max(now, until)
    },
  }
}
