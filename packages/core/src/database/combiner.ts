/**
 * Joins calls about the same thing that come while one is under way: they share the next one, and so its round trip and its
 * commit. A call that comes alone goes at once.
 *
 * Promises: answers and failures go to those who asked; of a shared call that fails, each is told the failure.
 */
export class Combiner<Request, Answer> {
  readonly #work: (about: number, requests: readonly Request[]) => Promise<readonly Answer[]>
  readonly #most: number
  readonly #waiting = new Map<number, Waiting<Request, Answer>[]>()

  constructor(work: (about: number, requests: readonly Request[]) => Promise<readonly Answer[]>, most: number) {
    this.#work = work
    this.#most = most
  }

  call(about: number, request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const each = { request, resolve, reject }
      const line = this.#waiting.get(about)
      if (line) line.push(each)
      else {
        this.#waiting.set(about, [each])
        void this.#serve(about)
      }
    })
  }

  async #serve(about: number): Promise<void> {
    const line = this.#waiting.get(about)!
    while (line.length > 0) {
      const batch = line.splice(0, this.#most)
      try {
        const answers = await this.#work(
          about,
          batch.map(({ request }) => request),
        )
        for (const [index, { resolve }] of batch.entries()) resolve(answers[index]!)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#waiting.delete(about)
  }
}

interface Waiting<Request, Answer> {
  readonly request: Request
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}
