import { randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '@virtkit/spi'
import { CamelCasePlugin, type Dialect, Kysely } from 'kysely'
import { clockedDialect } from './clocked-dialect.ts'
import { type Database, type Engine, KyselyDatabase, type Lookup, type Queries } from './database.ts'
import { toDatabaseError } from './database-errors.ts'
import { migrate } from './migrate.ts'
import { ourErrors } from './our-errors.ts'
import { type PostgresHandle, openPostgresPool, postgresDialect, withOurTypes } from './postgres.ts'
import { postgresLookup } from './postgres-lookup.ts'
import type { Schema } from './schema.ts'
import { type SqliteHandle, openSqliteFile, prepare, sqliteAccess } from './sqlite.ts'

/**
 * Where the kit keeps its state: a file or a URL that it opens and closes itself, or an open handle of the host's, which stays
 * open when the kit closes.
 */
export type DatabaseOptions =
  | { readonly sqlite: string | SqliteHandle }
  | { readonly postgres: string | PostgresHandle; readonly maxConnections?: number }

export interface OpenDatabase extends AsyncDisposable {
  readonly database: Database
  /** A unique id of this database, made when it was new: it tells our machines on a hypervisor from another kit's. */
  readonly installation: string
}

/** Opens and migrates. Throws `DATABASE_UNAVAILABLE`, `SCHEMA_TOO_NEW`, `PEER_MISSING`, `UNSUPPORTED`; then nothing stays open. */
export async function openDatabase(options: DatabaseOptions, clock: Clock = systemClock): Promise<OpenDatabase> {
  const { engine, dialect, close, lookup } = await openHandle(options, clock)
  const queries: Queries = new Kysely<Schema>({
    dialect: clockedDialect(ourErrors(dialect, engine), clock),
    plugins: [new CamelCasePlugin()],
  })
  const dispose = async (): Promise<void> => {
    if (close) await queries.destroy()
  }
  try {
    await migrate(queries as unknown as Kysely<unknown>, engine)
    const database = new KyselyDatabase(engine, queries, lookup)
    return { database, installation: await installationOf(database), [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose().catch(() => {})
    throw toDatabaseError(engine, error)
  }
}

interface OpenHandle {
  readonly engine: Engine
  readonly dialect: Dialect
  /** It is ours to close. */
  readonly close: boolean
  /** `inTurn` asks by queries. */
  readonly lookup: (inTurn: Lookup) => Lookup
}

async function openHandle(options: DatabaseOptions, clock: Clock): Promise<OpenHandle> {
  if ('sqlite' in options) {
    const close = typeof options.sqlite === 'string'
    const handle = typeof options.sqlite === 'string' ? await openSqliteFile(options.sqlite) : prepare(options.sqlite)
    return { engine: 'sqlite', ...sqliteAccess(handle), close }
  }
  const close = typeof options.postgres === 'string'
  const pool = withOurTypes(
    typeof options.postgres === 'string'
      ? await openPostgresPool(options.postgres, { max: options.maxConnections ?? 10 })
      : options.postgres,
  )
  return { engine: 'postgres', dialect: postgresDialect(pool), close, lookup: () => postgresLookup(pool, clock) }
}

async function installationOf(database: Database): Promise<string> {
  await database.queries
    .insertInto('virtkitMeta')
    .values({ name: 'installation', value: randomUUID() })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const row = await database.queries
    .selectFrom('virtkitMeta')
    .select('value')
    .where('name', '=', 'installation')
    .executeTakeFirstOrThrow()
  return row.value
}
