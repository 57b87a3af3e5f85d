import { setImmediate } from 'node:timers/promises'
import { VirtkitError, isVirtkitError } from '@virtkit/spi'
import { type Kysely, sql } from 'kysely'
import type { Database, Engine, Queries } from '../database/database.ts'
import { lockTables } from '../database/lock-tables.ts'
import { type SchemaMigration, migrations as ours } from '../database/migrations/index.ts'
import { ourSequences, ourTables, ourViews } from '../database/our-tables.ts'
import { type BackupRecord, type Value, damaged, inOrderOfReference } from './backup-rules.ts'
import { columnsOf, numberingOf, referencesOf } from './table-columns.ts'

const mostValues = 20_000
const mostRows = 500

/**
 * Replaces all tables by what the records say, in the caller's transaction: drops them, makes them as they were in the version of
 * the backup, fills them, and brings them up to this version. So a backup of any version takes the way that a database of that
 * version would have taken.
 *
 * Promises: numbers that this database has given are not given again. Throws `INVALID_INPUT` for rows that do not fit their tables,
 * `CONFLICT` when tables of the host's hang on ours; then the transaction must be rolled back.
 */
export async function replaceAll(
  engine: Engine,
  queries: Queries,
  backup: { readonly migrations: readonly string[]; readonly records: AsyncIterable<BackupRecord> },
  now: number,
): Promise<void> {
  const raw = queries.withoutPlugins() as Queries
  const before = await numberingOf(engine, raw)
  await dropAll(engine, raw)
  const inOrder = ours.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const isOld = ({ name }: SchemaMigration): boolean => backup.migrations.includes(name)
  for (const migration of inOrder.filter(isOld)) await migration.up(queries as unknown as Kysely<unknown>, engine)
  const numbering = await fill(engine, raw, backup.records)
  for (const migration of inOrder.filter((each) => !isOld(each)))
    await migration.up(queries as unknown as Kysely<unknown>, engine)
  await noteMigrations(
    raw,
    inOrder.map(({ name }) => name),
    new Date(now).toISOString(),
  )
  for (const [name, last] of before) numbering.set(name, Math.max(numbering.get(name) ?? 0, last))
  await goOnNumbering(engine, raw, numbering)
}

async function dropAll(engine: Engine, queries: Queries): Promise<void> {
  const known = new Set((await columnsOf(engine, queries)).keys())
  const tables = inOrderOfReference(
    ourTables.filter((table) => known.has(table)),
    await referencesOf(engine, queries),
  ).toReversed()
  try {
    // All at once, before anything is done: who is in the middle of something ends it first.
    if (engine === 'postgres') await lockTables(queries, tables)
    for (const view of ourViews) await sql`drop view if exists ${sql.table(view)}`.execute(queries)
    for (const table of tables) await sql`drop table ${sql.table(table)}`.execute(queries)
    if (engine !== 'postgres') return
    for (const name of ourSequences) await sql`drop sequence if exists ${sql.table(name)}`.execute(queries)
    const { rows } = await sql<{ name: string }>`
      select oid::regprocedure::text as name from pg_proc
      where pronamespace = current_schema()::regnamespace and proname like 'virtkit\\_%'`.execute(queries)
    for (const { name } of rows) await sql`drop function ${sql.raw(name)}`.execute(queries)
  } catch (error) {
    // 2BP01: something that is not ours depends on it.
    if ((error as { code?: unknown }).code !== '2BP01') throw error
    throw new VirtkitError('CONFLICT', 'Something of yours in this database depends on tables of the kit.', {
      details: {},
      hint: 'Drop those views or foreign keys, restore, and make them again.',
      cause: error,
    })
  }
}

/** Answers how far each table had numbered its rows. */
async function fill(engine: Engine, queries: Queries, records: AsyncIterable<BackupRecord>): Promise<Map<string, number>> {
  const known = await columnsOf(engine, queries)
  const numbering = new Map<string, number>()
  let target: { table: string; columns: readonly string[]; perInsert: number } | undefined
  let rows: (readonly Value[])[] = []
  const flush = async (): Promise<void> => {
    if (!target || rows.length === 0) return
    await insert(queries, target.table, target.columns, rows)
    rows = []
    // SQLite answers at once: without this the process would do nothing else until the end.
    await setImmediate()
  }
  for await (const record of records) {
    if ('row' in record) {
      if (record.row.length !== target?.columns.length) throw damaged('a row in it has other columns than its table')
      rows.push(record.row)
      if (rows.length >= target.perInsert) await flush()
      continue
    }
    await flush()
    if ('sequence' in record) numbering.set(record.sequence, record.last)
    if ('table' in record) target = { ...record, perInsert: batchOf(record.columns) }
    if (target) checkColumns(target, known)
  }
  await flush()
  return numbering
}

function batchOf(columns: readonly string[]): number {
  return Math.min(mostRows, Math.floor(mostValues / columns.length))
}

function checkColumns(
  { table, columns }: { readonly table: string; readonly columns: readonly string[] },
  known: ReadonlyMap<string, readonly string[]>,
): void {
  const have = known.get(table)
  const unknown = columns.find((column) => !have?.includes(column))
  if (!have || !ourTables.includes(table)) throw damaged(`its version has no table ${table}`)
  if (unknown !== undefined) throw damaged(`its version has no column ${table}.${unknown}`)
}

async function insert(
  queries: Queries,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
): Promise<void> {
  const names = sql.join(columns.map((column) => sql.ref(column)))
  const values = sql.join(rows.map((row) => sql`(${sql.join(row)})`))
  try {
    await sql`insert into ${sql.table(table)} (${names}) values ${values}`.execute(queries)
  } catch (error) {
    // SQLSTATE classes 22 and 23: values that do not fit. SQLite says the same in words.
    const code = String((error as { code?: unknown }).code)
    if (isVirtkitError(error) || !/^(2[23]...|SQLITE_CONSTRAINT\w*|SQLITE_MISMATCH)$/.test(code)) throw error
    throw damaged(`rows of ${table} do not fit (${code})`)
  }
}

async function noteMigrations(queries: Queries, names: readonly string[], at: string): Promise<void> {
  await sql`delete from virtkit_migrations`.execute(queries)
  const rows = sql.join(names.map((name) => sql`(${name}, ${at})`))
  await sql`insert into virtkit_migrations (name, timestamp) values ${rows}`.execute(queries)
}

async function goOnNumbering(engine: Engine, queries: Queries, numbering: ReadonlyMap<string, number>): Promise<void> {
  const known = await numberingOf(engine, queries)
  if (engine === 'postgres') {
    // Rows came with numbers of their own, which the sequences have not seen.
    for (const table of [...known.keys()].filter((name) => ourTables.includes(name))) {
      const [sequence, column] = table === 'events' ? ['events_position', 'position'] : [`${table}_key_seq`, 'key']
      const highest = sql`(select max(${sql.ref(column)}) from ${sql.table(table)})`
      await sql`select setval(${sequence}, highest) from (select greatest(${numbering.get(table) ?? 0}, ${highest}) as highest) as h
        where highest > 0`.execute(queries)
    }
    return
  }
  const columns = await columnsOf(engine, queries)
  for (const [table, last] of numbering) {
    if (last < 1 || !ourTables.includes(table)) continue
    if (known.has(table)) {
      await sql`update sqlite_sequence set seq = max(seq, ${last}) where name = ${table}`.execute(queries)
    } else if (columns.get(table)?.includes(table === 'events' ? 'position' : 'key')) {
      await sql`insert into sqlite_sequence (name, seq) values (${table}, ${last})`.execute(queries)
    }
  }
}

export function requireOwn(database: Database): void {
  if (!database.isLent) return
  throw new VirtkitError('UNSUPPORTED', 'Inside of a transaction of the host there is no backup and no restore.', {
    details: { feature: 'backup inside of a transaction' },
    hint: 'Call it on the kit itself.',
  })
}
