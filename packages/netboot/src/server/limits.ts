/** What one boot server takes upon itself. */
export interface BootServerLimits {
  /** Open connections of all guests. Default 2,000. */
  readonly maxConnections: number
  /** Kernels and initrds under way to one guest. Default 4. */
  readonly transfersPerRun: number
  /** A connection that moves no byte for so long is closed. Default one minute. */
  readonly idleMs: number
}

export const defaultLimits: BootServerLimits = { maxConnections: 2000, transfersPerRun: 4, idleMs: 60_000 }

/** Counts what is under way by key and refuses what is too much. */
export class Turnstile {
  readonly #inside = new Map<string, number>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The way out again, or `undefined` when it is full. */
  enter(key: string): (() => void) | undefined {
    const count = this.#inside.get(key) ?? 0
    if (count >= this.#limit) return undefined
    this.#inside.set(key, count + 1)
    return () => {
      const left = (this.#inside.get(key) ?? 1) - 1
      if (left === 0) this.#inside.delete(key)
      else this.#inside.set(key, left)
    }
  }
}
