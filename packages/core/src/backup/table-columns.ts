import { sql } from 'kysely'
import type { Engine, Queries } from '../database/database.ts'

/** The columns of our tables that rows are written with: what the engine numbers by itself is not among them. */
export async function columnsOf(engine: Engine, queries: Queries): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } =
    engine === 'sqlite'
      ? await sql<{ table: string; column: string }>`
          select t.name as "table", c.name as "column" from sqlite_master t join pragma_table_info(t.name) c
          where t.type = 'table' order by t.name, c.cid`.execute(queries)
      : await sql<{ table: string; column: string }>`
          select table_name as "table", column_name as "column" from information_schema.columns
          where table_schema = current_schema() and is_generated = 'NEVER' and identity_generation is distinct from 'ALWAYS'
          order by table_name, ordinal_position`.execute(queries)
  const columns = new Map<string, string[]>()
  for (const { table, column } of rows) columns.set(table, [...(columns.get(table) ?? []), column])
  return columns
}

/** Pairs of tables: rows of the first refer to rows of the second. */
export async function referencesOf(engine: Engine, queries: Queries): Promise<(readonly [string, string])[]> {
  const { rows } =
    engine === 'sqlite'
      ? await sql<{ from: string; to: string }>`
          select t.name as "from", f."table" as "to" from sqlite_master t join pragma_foreign_key_list(t.name) f
          where t.type = 'table'`.execute(queries)
      : await sql<{ from: string; to: string }>`
          select holder.relname as "from", held.relname as "to" from pg_constraint c
          join pg_class holder on holder.oid = c.conrelid join pg_class held on held.oid = c.confrelid
          where c.contype = 'f' and c.connamespace = current_schema()::regnamespace`.execute(queries)
  return rows.map(({ from, to }) => [from, to])
}

/** How far each table has numbered its rows: what was numbered higher and removed since counts as well. */
export async function numberingOf(engine: Engine, queries: Queries): Promise<ReadonlyMap<string, number>> {
  if (engine === 'sqlite') {
    const { rows } = await sql<{ name: string; last: number }>`select name, seq as last from sqlite_sequence`.execute(
      queries,
    )
    return new Map(rows.map(({ name, last }) => [name, last]))
  }
  const { rows } = await sql<{ name: string; last: number | null }>`
    select case sequencename when 'events_position' then 'events' else replace(sequencename, '_key_seq', '') end as name,
      last_value as last
    from pg_sequences where schemaname = current_schema()
      and (sequencename = 'events_position' or sequencename like '%\\_key\\_seq')`.execute(queries)
  return new Map(rows.map(({ name, last }) => [name, last ?? 0]))
}
