/**
 * Time as the code sees it; tests and the simulated hypervisor bring a virtual one.
 *
 * Promises: `now` is milliseconds since the epoch and never a fraction; `sleep` ends at or after its time, or rejects with
 * the signal's reason as soon as the signal aborts, and leaves no timer behind either way.
 */
export interface Clock {
  now(): number
  /** Milliseconds since some beginning, which pass evenly whatever the time is set to; they pass, too, while the process stands still. */
  steady(): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /**
   * Wraps work that takes real time (a socket, a file): a virtual clock does not move while it is under way.
   * The system clock only calls it.
   */
  during<T>(work: () => Promise<T>): Promise<T>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = (): void => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, ms)
      signal?.addEventListener('abort', onAbort, { once: true })
    }),
  during: (work) => work(),
}
