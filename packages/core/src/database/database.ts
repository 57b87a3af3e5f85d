import { VirtkitError, isVirtkitError } from '@virtkit/spi'
import { CompiledQuery, type Kysely, type Transaction } from 'kysely'
import type { Schema } from './schema.ts'
import { toDatabaseError } from './database-errors.ts'

export type Engine = 'sqlite' | 'postgres'

/** What queries run on: the database itself or a transaction of it. */
export type Queries = Kysely<Schema>

/**
 * The door to the database that every room uses.
 *
 * Promises: `transaction` is all or nothing, and the first write in it excludes other writers of the same rows; it is repeated
 * when the engine asks for that (deadlock, serialisation), so `work` may run more than once and must do nothing else than
 * query. Inside of it use the queries handed in, never `queries`: on SQLite that would wait for itself. Listeners of `onCommit` are
 * called after commit, once per transaction. Errors of the engine leave as `DATABASE_UNAVAILABLE` where they are of that kind.
 */
export interface Database {
  readonly engine: Engine
  readonly queries: Queries
  /** It is a transaction of the host's: what is accepted in it cannot be waited for in it. */
  readonly isLent: boolean
  /**
   * `asIfAlone`: whatever others do at the same time, all that was read still holds at the commit. On PostgreSQL that is its
   * isolation level `serializable`, and costs repetitions; on SQLite it is always so. A lent transaction is as the host began it.
   */
  transaction<T>(work: (queries: Queries) => Promise<T>, options?: { readonly asIfAlone?: boolean }): Promise<T>
  /** In the caller's transaction; in one of its own when the caller hands in the database's `queries` themselves. */
  within<T>(queries: Queries, work: (queries: Queries) => Promise<T>): Promise<T>
  onCommit(listener: (queries: Queries) => void): void
  /**
   * For what is asked before each request: nothing stands between us and the driver, and PostgreSQL keeps the statement's plan. It sees
   * what is committed; in a lent transaction, what that sees.
   */
  readonly lookup: Lookup
}

/** Asks for one text by one text; null: there is none. */
export type Lookup = (statement: LookupStatement, value: string) => Promise<string | null>

/** A statement that is asked over and over. */
export interface LookupStatement {
  /** Of this text and of no other, on the whole server. */
  readonly name: string
  /** Of one parameter, with one column. */
  readonly text: string
}

const attempts = 5
/** Of small tables the engine watches all rows, so that transactions about different ones get in each other's way as well. */
const attemptsAlone = 30

/** Two did the same at the same moment, and one came second: `transaction` repeats its work, which then sees the first. */
export class CameSecond extends VirtkitError<'CONFLICT'> {
  constructor(what: string, cause: unknown) {
    const hint = 'Roll back and do it again.'
    super('CONFLICT', `${what} by somebody else just now.`, { details: {}, hint, cause })
  }
}

export class KyselyDatabase implements Database {
  readonly engine: Engine
  readonly queries: Queries
  readonly isLent = false as const
  readonly lookup: Lookup
  readonly #listeners = new Set<(queries: Queries) => void>()

  constructor(engine: Engine, queries: Queries, lookup: (inTurn: Lookup) => Lookup) {
    this.engine = engine
    this.queries = queries
    this.lookup = lookup(lookupBy(engine, queries))
  }

  async transaction<T>(work: (queries: Queries) => Promise<T>, options?: { readonly asIfAlone?: boolean }): Promise<T> {
    const isolated = options?.asIfAlone === true && this.engine === 'postgres'
    for (let attempt = 1; ; attempt += 1) {
      let used: Queries | undefined
      try {
        const begin = this.queries.transaction()
        const result = await (isolated ? begin.setIsolationLevel('serializable') : begin).execute((transaction) => {
          used = transaction
          return work(transaction)
        })
        if (used) for (const listener of this.#listeners) listener(used)
        return result
      } catch (error) {
        const most = isolated ? attemptsAlone : attempts
        if (!isWorthRepeating(error)) throw toDatabaseError(this.engine, error)
        if (attempt >= most) throw isVirtkitError(error) ? error : crowded(this.engine, error)
      }
    }
  }

  within<T>(queries: Queries, work: (queries: Queries) => Promise<T>): Promise<T> {
    return queries.isTransaction ? work(queries) : this.transaction(work)
  }

  onCommit(listener: (queries: Queries) => void): void {
    this.#listeners.add(listener)
  }
}

/**
 * A database inside of the host's own transaction: the host commits, and only then does anything start. An error inside means
 * that the host must roll back.
 */
export class LentDatabase implements Database {
  readonly engine: Engine
  readonly queries: Queries
  readonly isLent = true as const
  readonly lookup: Lookup

  constructor(engine: Engine, transaction: Transaction<Schema>) {
    this.engine = engine
    this.queries = transaction
    this.lookup = lookupBy(engine, transaction)
  }

  async transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    try {
      return await work(this.queries)
    } catch (error) {
      throw toDatabaseError(this.engine, error)
    }
  }

  within<T>(queries: Queries, work: (queries: Queries) => Promise<T>): Promise<T> {
    return work(queries)
  }

  // The host's commit is not seen from here; the pollers find what it left.
  onCommit(): void {}
}

function lookupBy(engine: Engine, queries: Queries): Lookup {
  return async ({ text }, value) => {
    const asked = CompiledQuery.raw(text, [value])
    const { rows } = await queries.executeQuery<Record<string, string | null>>(asked).catch((error: unknown) => {
      throw toDatabaseError(engine, error)
    })
    return Object.values(rows[0] ?? {})[0] ?? null
  }
}

function crowded(engine: Engine, cause: unknown): VirtkitError {
  return new VirtkitError('DATABASE_UNAVAILABLE', 'Too many others change the same at the same time.', {
    details: { engine, reason: 'locked' },
    hint: 'Nothing was changed; try again.',
    cause,
  })
}

/** Deadlock and serialisation failures of PostgreSQL: the engine took the transaction back and asks to repeat it. */
function isWorthRepeating(error: unknown): boolean {
  if (error instanceof CameSecond) return true
  const code = (error as { code?: unknown }).code
  return code === '40001' || code === '40P01'
}
