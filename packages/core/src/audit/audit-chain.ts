import { type Clock, type VirtkitError, toVirtkitError } from '@virtkit/spi'
import { sql } from 'kysely'
import type { Keyring } from '../access/keyring.ts'
import type { Database, Queries } from '../database/database.ts'
import { toDatabaseError } from '../database/database-errors.ts'
import { givePositions } from '../events/event-positions.ts'
import { type EventRow, type Head, type LinkRow, continueFrom, linkOf, noLink, readHead, writeHead } from './audit-rules.ts'

/** Any number that nothing else of ours locks. */
const lock = 5_836_150_922
const page = 1000
const headName = 'audit-head'

export const eventColumns = [
  'position',
  'id',
  'type',
  'subject',
  'at',
  'data',
  'actor',
  'actorName',
  'request',
  'groupKey',
] as const

/**
 * Makes committed events links of the chain, in order of position, by whichever process looks next. Nobody who writes waits for
 * that: positions are given after the commit, and no event ever appears before one that has its position.
 */
export class AuditChain implements AsyncDisposable {
  readonly #database: Database
  readonly #keyring: Keyring
  readonly #clock: Clock
  readonly #options: { readonly everyMs: number; readonly onError: (error: VirtkitError) => void }
  readonly #closing = new AbortController()
  #running: Promise<void> | undefined

  constructor(
    database: Database,
    keyring: Keyring,
    clock: Clock,
    options: { readonly everyMs: number; readonly onError: (error: VirtkitError) => void },
  ) {
    this.#database = database
    this.#keyring = keyring
    this.#clock = clock
    this.#options = options
  }

  /** The key of the hashes: the same in every process of the installation, and not in its database. */
  get key(): string {
    return this.#keyring.derive('audit chain').reveal()
  }

  /** Begins to look for events now and then. Promises: again, no effect. */
  start(): void {
    if (!this.#closing.signal.aborted) this.#running ??= this.#run()
  }

  /** Links what is committed by now, and ends; of very much it leaves the rest to whoever looks next. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  /** Links what is committed by now. */
  async catchUp(): Promise<void> {
    if (this.#database.isLent) return
    await givePositions(this.#database)
    while (await this.#linkPage()) if (this.#closing.signal.aborted) return
  }

  /** Looks at the chain's end, and what is remembered of it, while nobody adds to it. */
  atEnd<T>(work: (queries: Queries, last: LinkRow, head: Head | undefined) => Promise<T>): Promise<T> {
    return this.#database.transaction(async (queries) => {
      if (this.#database.engine === 'postgres') await sql`select pg_advisory_xact_lock(${lock})`.execute(queries)
      const meta = queries.selectFrom('virtkitMeta').select('value').where('name', '=', headName)
      const remembered = await meta.executeTakeFirst()
      return work(queries, await lastLink(queries), remembered && readHead(remembered.value, this.key))
    })
  }

  /** Answers whether there may be more. */
  async #linkPage(): Promise<boolean> {
    const { queries: database } = this.#database
    const last = await lastLink(database)
    if ((await eventsAfter(database, last.position, 1)).length === 0) return false
    return this.atEnd(async (queries, before, head) => {
      const events = await eventsAfter(queries, before.position, page)
      if (events.length === 0) return false
      const { key } = this
      const links: LinkRow[] = []
      for (const event of events) links.push(linkOf(event, links.at(-1) ?? continueFrom(before, head), key))
      await queries.insertInto('auditLinks').values(links).execute()
      const { number, hash } = links.at(-1)!
      const value = writeHead({ number, hash, since: head?.since ?? this.#clock.now() }, key)
      await queries
        .insertInto('virtkitMeta')
        .values({ name: headName, value })
        .onConflict((known) => known.column('name').doUpdateSet({ value }))
        .execute()
      return events.length === page
    })
  }

  async #run(): Promise<void> {
    for (;;) {
      const closing = this.#closing.signal.aborted
      await this.catchUp().catch((error: unknown) => {
        if (!closing) this.#options.onError(toVirtkitError(toDatabaseError(this.#database.engine, error)))
      })
      if (closing) return
      await this.#clock.sleep(this.#options.everyMs, this.#closing.signal).catch(() => {})
    }
  }
}

export async function lastLink(queries: Queries): Promise<LinkRow> {
  const last = queries.selectFrom('auditLinks').selectAll().orderBy('number', 'desc').limit(1)
  return (await last.executeTakeFirst()) ?? noLink
}

export async function eventsAfter(
  queries: Queries,
  position: number,
  limit: number,
  upTo: number = Number.MAX_SAFE_INTEGER,
): Promise<readonly EventRow[]> {
  return queries
    .selectFrom('events')
    .select(eventColumns)
    .where('position', '>', position)
    .where('position', '<=', upTo)
    .orderBy('position')
    .limit(limit)
    .execute()
}
