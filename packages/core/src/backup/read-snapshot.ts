import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely, sql } from 'kysely'
import type { Database, Queries } from '../database/database.ts'
import { keptTables } from '../database/our-tables.ts'
import { openSqliteFile, sqliteDialect } from '../database/sqlite.ts'
import { type BackupRecord, type Value, inOrderOfReference } from './backup-rules.ts'
import { columnsOf, numberingOf, referencesOf } from './table-columns.ts'
import { ourErrors } from '../database/our-errors.ts'
import type { Schema } from '../database/schema.ts'

const page = 500

/** Queries that all see one moment, while others write on. Dispose them. */
export interface Snapshot extends AsyncDisposable {
  readonly queries: Queries
}

/**
 * Promises: nobody waits for it. On PostgreSQL a transaction that sees its beginning; on SQLite the same on a connection of its own,
 * because ours is one that others wait for; a database in memory is copied into a file first.
 */
export async function openSnapshot(database: Database): Promise<Snapshot> {
  if (database.engine === 'postgres') {
    const transaction = await database.queries
      .startTransaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute()
    return {
      queries: transaction.withoutPlugins() as Queries,
      [Symbol.asyncDispose]: () => transaction.rollback().execute(),
    }
  }
  const { rows } = await sql<{ name: string; file: string }>`pragma database_list`.execute(database.queries)
  const file = rows.find(({ name }) => name === 'main')?.file
  if (file) return sqliteSnapshot(file, async () => {})
  const folder = await mkdtemp(join(tmpdir(), 'virtkit-backup-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    const copy = join(folder, 'copy.db')
    await sql`vacuum into ${copy}`.execute(database.queries)
    return await sqliteSnapshot(copy, remove)
  } catch (error) {
    await remove()
    throw error
  }
}

async function sqliteSnapshot(file: string, after: () => Promise<void>): Promise<Snapshot> {
  const handle = await openSqliteFile(file)
  // Read by the dialect, but for its transactions: those of ours take the lock of writers.
  const queries: Queries = new Kysely<Schema>({ dialect: ourErrors(sqliteDialect(handle), 'sqlite') })
  const dispose = async (): Promise<void> => {
    await queries.destroy()
    await after()
  }
  try {
    await sql`begin`.execute(queries)
    await sql`select count(*) from sqlite_master`.execute(queries)
    return { queries, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** The names of the migrations that the rows of the snapshot fit. */
export async function migrationsOf(queries: Queries): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from virtkit_migrations order by name`.execute(queries)
  return rows.map(({ name }) => name)
}

/** Everything in a snapshot, table after table, in an order in which it can be written again. */
export async function* readRecords(database: Database, queries: Queries): AsyncGenerator<BackupRecord> {
  const { engine } = database
  const columns = await columnsOf(engine, queries)
  let count = 0
  for (const table of inOrderOfReference(keptTables, await referencesOf(engine, queries))) {
    const names = columns.get(table) ?? []
    yield { table, columns: names }
    for await (const row of readRows(database, queries, table, names)) {
      yield { row }
      count += 1
    }
  }
  for (const [sequence, last] of await numberingOf(engine, queries))
    if (keptTables.includes(sequence)) yield { sequence, last }
  yield { rows: count }
}

async function* readRows(
  { engine }: Database,
  queries: Queries,
  table: string,
  names: readonly string[],
): AsyncGenerator<Value[]> {
  const list = sql.join(
    names.map((name) => (engine === 'postgres' && name === 'position' && table === 'events' ? place : sql.ref(name))),
  )
  if (engine === 'postgres') {
    const order = table === 'events' ? sql`order by events.position nulls last, seq` : sql``
    await sql`declare virtkit_rows no scroll cursor for select ${list} from ${sql.table(table)} ${order}`.execute(queries)
    for (;;) {
      const { rows } = await sql<Record<string, Value>>`fetch ${sql.raw(String(page))} from virtkit_rows`.execute(queries)
      for (const row of rows) yield names.map((name) => row[name]!)
      if (rows.length < page) break
    }
    await sql`close virtkit_rows`.execute(queries)
    return
  }
  // By the row's place in its table: a reader that stays open would hold the connection, and an offset counts from the start each time.
  let after: Value[] | undefined
  const key = await primaryKeyOf(queries, table)
  const order = sql.join(key.map((name) => sql.ref(name)))
  for (;;) {
    const where = after ? sql`where (${order}) > (${sql.join(after)})` : sql``
    const { rows } = await sql<Record<string, Value>>`
      select ${list} from ${sql.table(table)} ${where} order by ${order} limit ${page}`.execute(queries)
    for (const row of rows) yield names.map((name) => row[name]!)
    const last = rows.at(-1)
    if (rows.length < page || !last) return
    after = key.map((name) => last[name]!)
  }
}

/** Events that are not told yet have no position: in a backup they come behind those that have. */
const place = sql`coalesce(events.position, (select coalesce(max(told.position), 0) from events told)
  + count(*) filter (where events.position is null) over (order by seq)) as position`

async function primaryKeyOf(queries: Queries, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from pragma_table_info(${table}) where pk > 0 order by pk`.execute(queries)
  return rows.map(({ name }) => name)
}
