import { type Clock, type OpenInstallMedia, toVirtkitError } from '@virtkit/spi'
import type { Database } from '../database/database.ts'
import type { Operations } from '../operations/operations.ts'
import type { ParsedOptions } from '../options/parse-options.ts'

const beatMs = 5_000
/** Silent for so long, an origin counts as gone. */
const goneMs = 15_000

/**
 * Where install media serve, of all processes on this database. A medium names the origin of the process that made it; as long as
 * that one lives, nobody else needs to make another; when it is gone, the installations that wait for its guests are woken.
 */
export class BootServers implements AsyncDisposable {
  readonly #database: Database
  readonly #clock: Clock
  readonly #media: () => OpenInstallMedia
  readonly #operations: Operations
  readonly #options: ParsedOptions
  readonly #closing = new AbortController()
  #beating: Promise<void> | undefined

  constructor(
    database: Database,
    clock: Clock,
    media: () => OpenInstallMedia,
    operations: Operations,
    options: ParsedOptions,
  ) {
    this.#database = database
    this.#clock = clock
    this.#media = media
    this.#operations = operations
    this.#options = options
  }

  /** Says that this process serves, and goes on saying so. Promises: it is known when this resolves. */
  async start(): Promise<void> {
    await this.#beat()
    this.#beating = this.#goOn()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await this.#beating
  }

  async isServed(origin: string | null): Promise<boolean> {
    if (origin === null) return false
    if (origin === this.#media().origin) return true
    const row = await this.#database.queries
      .selectFrom('bootServers')
      .select('seenAt')
      .where('origin', '=', origin)
      .executeTakeFirst()
    return row !== undefined && this.#clock.now() - row.seenAt < goneMs
  }

  async #beat(): Promise<void> {
    const seenAt = this.#clock.now()
    await this.#database.queries
      .insertInto('bootServers')
      .values({ origin: this.#media().origin, seenAt })
      .onConflict((known) => known.column('origin').doUpdateSet({ seenAt }))
      .execute()
    await this.#wakeStranded(seenAt)
  }

  async #wakeStranded(now: number): Promise<void> {
    const stranded = await this.#database.queries
      .selectFrom('installs')
      .select('operationId')
      .where('endedAt', 'is', null)
      .where('phase', 'in', ['published', 'booted', 'installing'])
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('bootServers')
              .select('bootServers.origin')
              .whereRef('bootServers.origin', '=', 'installs.origin')
              .where('bootServers.seenAt', '>', now - goneMs),
          ),
        ),
      )
      .execute()
    if (stranded.length === 0) return
    await this.#database.transaction(async (queries) => {
      for (const { operationId } of stranded) await this.#operations.wake(queries, operationId)
    })
  }

  async #goOn(): Promise<void> {
    for (;;) {
      await this.#clock.sleep(beatMs, this.#closing.signal).catch(() => {})
      if (this.#closing.signal.aborted) return
      await this.#beat().catch((error: unknown) => this.#options.onError(toVirtkitError(error)))
    }
  }
}
