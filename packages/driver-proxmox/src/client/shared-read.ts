import { aborted } from './pve-error.ts'

/** A read whose answer serves everybody who asked before it began. */
export class SharedRead<T> {
  readonly #read: () => Promise<T>
  #running: Promise<T> | undefined
  #next: Promise<T> | undefined

  constructor(read: () => Promise<T>) {
    this.#read = read
  }

  /** Answers what is true of a moment after the call. */
  fresh(signal: AbortSignal): Promise<T> {
    if (!this.#running) return unlessAborted(this.#begin(), signal)
    // What runs already may have looked before something that the caller knows of.
    this.#next ??= this.#running.then(
      () => this.#begin(),
      () => this.#begin(),
    )
    return unlessAborted(this.#next, signal)
  }

  #begin(): Promise<T> {
    this.#next = undefined
    const running = this.#read().finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(aborted('no'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
