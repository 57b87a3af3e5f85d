/** A second after the first failure in a row, doubled with each, at most half a minute; resolves early when the signal aborts. */
export function backOff(failures: number, signal: AbortSignal): Promise<void> {
  const ms = Math.min(30_000, 1000 * 2 ** Math.min(failures - 1, 5))
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
