/** One after the other for each key, side by side for different ones. */
export class KeyedQueue<Key> {
  readonly #last = new Map<Key, Promise<unknown>>()

  async run<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const running = before.then(work, work)
    const settled = running.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(key, settled)
    try {
      return await running
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key)
    }
  }
}
