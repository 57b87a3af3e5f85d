/**
 * Answers many who ask for the same at once with few reads: who comes while one is under way shares the next with all who come until
 * it begins. Promises: a read that answers somebody began after they asked, so that what had changed before is seen; and of one key
 * one read runs at a time.
 */
export class SharedReads<T> {
  readonly #read: (key: string) => Promise<T>
  readonly #lines = new Map<string, Line<T>>()

  constructor(read: (key: string) => Promise<T>) {
    this.#read = read
  }

  ask(key: string): Promise<T> {
    const line = this.#lines.get(key)
    if (line) return (line.next ??= line.running.then(() => this.#begin(key)))
    return this.#begin(key)
  }

  #begin(key: string): Promise<T> {
    const answer = this.#read(key)
    const line: Line<T> = {
      running: answer.then(ignore, ignore).then(() => {
        if (!line.next) this.#lines.delete(key)
      }),
      next: undefined,
    }
    this.#lines.set(key, line)
    return answer
  }
}

interface Line<T> {
  /** Ends with the read, and never rejects. */
  readonly running: Promise<void>
  next: Promise<T> | undefined
}

const ignore = (): void => {}
