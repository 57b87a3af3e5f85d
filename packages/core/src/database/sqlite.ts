import { setImmediate, setTimeout } from 'node:timers/promises'
import { VirtkitError } from '@virtkit/spi'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely'
import { refuseOldNodeForSqlite } from '../options/node-version.ts'
import type { Lookup } from './database.ts'
import { toDatabaseError } from './database-errors.ts'

/** The slice of better-sqlite3's `Database` that we need; a host may bring an open one. */
export interface SqliteHandle extends SqliteDatabase {
  pragma(text: string): unknown
}

/** While a file is opened, which nothing else can be done beside. */
const busyTimeoutMs = 5_000
/** For a file that others hold, as long as for a connection to PostgreSQL: one of them may stand still for longer than a lease. */
const patienceMs = 15_000

/** Opens a file, creating it where there is none. Throws `UNSUPPORTED`, `PEER_MISSING` and `DATABASE_UNAVAILABLE`. */
export async function openSqliteFile(path: string): Promise<SqliteHandle> {
  refuseOldNodeForSqlite(process.version)
  const Constructor = await importSqlite()
  try {
    return prepare(new Constructor(path, { timeout: busyTimeoutMs }))
  } catch (error) {
    if (/directory does not exist/.test(String(error))) {
      throw new VirtkitError('DATABASE_UNAVAILABLE', `The folder of ${path} does not exist.`, {
        details: { engine: 'sqlite', reason: 'refused' },
        hint: 'Make the folder first, or name a file in one that exists.',
        cause: error,
      })
    }
    throw toDatabaseError('sqlite', error)
  }
}

/** Sets what our promises rest on: write-ahead log, durable commits, foreign keys. */
export function prepare(handle: SqliteHandle): SqliteHandle {
  handle.pragma(`busy_timeout = ${busyTimeoutMs}`)
  handle.pragma('journal_mode = WAL')
  handle.pragma('synchronous = FULL')
  handle.pragma('foreign_keys = ON')
  handle.pragma('busy_timeout = 0')
  return handle
}

export function sqliteDialect(handle: SqliteHandle): Dialect {
  return sqliteAccess(handle).dialect
}

/** What kysely works with, and lookups that go by it while nobody has the connection: who has may be in the middle of a transaction. */
export function sqliteAccess(handle: SqliteHandle): { dialect: Dialect; lookup: (inTurn: Lookup) => Lookup } {
  const config = { database: withStatementCache(handle) }
  const dialect = new SqliteDialect(config)
  const driver = new PatientSqliteDriver(config)
  return {
    dialect: {
      createDriver: () => driver,
      createAdapter: () => new TransactionalSqliteAdapter(),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createIntrospector: (db) => dialect.createIntrospector(db),
    },
    lookup: (inTurn) => async (statement, value) => {
      if (!driver.isFree) return inTurn(statement, value)
      try {
        const [row] = config.database.prepare(statement.text).all([value]) as Record<string, string | null>[]
        return Object.values(row ?? {})[0] ?? null
      } catch (error) {
        if (isBusy(error)) return inTurn(statement, value)
        throw toDatabaseError('sqlite', error)
      }
    },
  }
}

/**
 * SQLite changes schemas in transactions, and has one writer; kysely takes it for a database that cannot. A process that is
 * killed half-way through a migration leaves the schema as it was, and of two that open a new file one waits for the other.
 */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }

  /** There is one, and our driver hands it out: kysely would wake everybody who waits each time that it is given back. */
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

/**
 * Hands out the one connection in the order in which it is asked for. Takes the write lock when a transaction begins: a lock
 * taken half-way cannot be waited for and fails instead. And it waits for the lock without holding up this process: SQLite's own
 * waiting would, and the holder may be another kit of ours in here.
 */
class PatientSqliteDriver extends SqliteDriver implements Driver {
  #giveBack = (): void => {}
  #free: Promise<void> = Promise.resolve()
  #turnedAt = 0
  /** Who has the connection, and who waits for it. */
  #users = 0

  get isFree(): boolean {
    return this.#users === 0
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#users += 1
    const before = this.#free
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#free = promise
    await before
    await this.#takeTurns()
    const connection = await super.acquireConnection()
    this.#giveBack = resolve
    return {
      executeQuery: (query) => patiently(() => connection.executeQuery(query)),
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    }
  }

  override async releaseConnection(): Promise<void> {
    this.#users -= 1
    this.#giveBack()
  }

  /**
   * better-sqlite3 answers at once, so a long queue for the connection would be worked off without the event loop ever turning: no
   * request answered, no lease renewed, for seconds.
   */
  async #takeTurns(): Promise<void> {
    if (performance.now() - this.#turnedAt < turnMs) return
    await setImmediate()
    this.#turnedAt = performance.now()
  }
}

const turnMs = 10

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 25)) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || performance.now() - startedAt > patienceMs) throw error
    }
    await setTimeout(pauseMs)
  }
}

function isBusy(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'SQLITE_BUSY'
}

/** Compiling a statement costs more than running it; ours are few and repeat. */
function withStatementCache(handle: SqliteHandle): SqliteDatabase {
  const statements = new Map<string, ReturnType<SqliteHandle['prepare']>>()
  return {
    prepare: (sql) => {
      const known = statements.get(sql)
      if (known) return known
      const statement = handle.prepare(sql)
      if (statements.size >= 500) statements.clear()
      statements.set(sql, statement)
      return statement
    },
    close: () => handle.close(),
  }
}

type SqliteConstructor = new (path: string, options: { timeout: number }) => SqliteHandle

async function importSqlite(): Promise<SqliteConstructor> {
  try {
    const specifier = 'better-sqlite3'
    const module = (await import(specifier)) as { default: SqliteConstructor }
    return module.default
  } catch (error) {
    throw new VirtkitError('PEER_MISSING', 'A SQLite database needs the package better-sqlite3, which is not installed.', {
      details: { package: 'better-sqlite3', install: 'npm install better-sqlite3' },
      hint: 'Run: npm install better-sqlite3',
      cause: error,
    })
  }
}
