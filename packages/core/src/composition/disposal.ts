/**
 * What has been opened, closed in reverse order. Node 22 has no `AsyncDisposableStack`.
 *
 * Promises: closes everything even when some of it fails, and throws the first failure at the end; closing again does nothing.
 */
export class Disposal implements AsyncDisposable {
  readonly #opened: AsyncDisposable[] = []

  use<T extends AsyncDisposable>(opened: T): T {
    this.#opened.push(opened)
    return opened
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = []
    for (let each = this.#opened.pop(); each; each = this.#opened.pop()) {
      try {
        await each[Symbol.asyncDispose]()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
