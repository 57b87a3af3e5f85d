/** How long things take: every wait goes through here, so that a test can run them in milliseconds and `close` ends them. */
export interface Pace {
  /** Waits for so many milliseconds of the original's time. Rejects when the simulator closes. */
  pause(ms: number): Promise<void>
  /** So many milliseconds of the original's time in milliseconds of ours. */
  scaled(ms: number): number
  close(): void
}

export class SimulatorClosed extends Error {
  constructor() {
    super('the simulator was closed')
  }
}

/** `scale` 1 is as slow as the original; 0 waits for nothing, and yields all the same. */
export function createPace(scale: number): Pace {
  const waiting = new Map<NodeJS.Timeout, () => void>()
  let closed = false
  return {
    scaled: (ms) => ms * scale,
    pause: (ms) =>
      new Promise((resolve, reject) => {
        const refuse = (): void => reject(new SimulatorClosed())
        if (closed) return refuse()
        const timer = setTimeout(() => {
          waiting.delete(timer)
          resolve()
        }, ms * scale)
        waiting.set(timer, refuse)
      }),
    close: () => {
      closed = true
      for (const [timer, refuse] of waiting) {
        clearTimeout(timer)
        refuse()
      }
      waiting.clear()
    },
  }
}
