import { type Clock, type VirtkitError, toVirtkitError } from '@virtkit/spi'
import type { Database } from '../database/database.ts'
import { toDatabaseError } from '../database/database-errors.ts'

export interface RoundsOptions {
  /** Told of what keeps a round from its work. */
  readonly onError: (error: VirtkitError) => void
  /** How long to rest after a round that found nothing, in milliseconds. Default 1000. */
  readonly pollMs?: number
}

/** Work that comes in rounds until it is closed: the next follows at once while the last one found something to do. */
export class Rounds implements AsyncDisposable {
  readonly #database: Database
  readonly #clock: Clock
  readonly #options: RoundsOptions
  readonly #round: () => Promise<number>
  readonly #closing = new AbortController()
  #running: Promise<void> | undefined

  /** `round` answers how much it found to do. */
  constructor(database: Database, clock: Clock, options: RoundsOptions, round: () => Promise<number>) {
    this.#database = database
    this.#clock = clock
    this.#options = options
    this.#round = round
  }

  /** Aborts when it is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** Promises: again, no effect. */
  start(): void {
    if (!this.closing.aborted) this.#running ??= this.#run()
  }

  /** Waits for the round that is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.closing.aborted) {
      const found = await this.#round().catch((error: unknown) => {
        this.#options.onError(toVirtkitError(toDatabaseError(this.#database.engine, error)))
        return 0
      })
      if (found > 0) continue
      // Rejects only when we close.
      await this.#clock.sleep(this.#options.pollMs ?? 1000, this.closing).catch(() => {})
    }
  }
}

/** Attempts all side by side, whatever becomes of one; answers how many were attempted, or throws what broke one. */
export async function attemptEach<Due>(due: readonly Due[], attempt: (one: Due) => Promise<boolean>): Promise<number> {
  const results = await Promise.allSettled(due.map(attempt))
  const broken = results.find((result) => result.status === 'rejected')
  if (broken) throw broken.reason
  return results.filter((result) => result.status === 'fulfilled' && result.value).length
}
