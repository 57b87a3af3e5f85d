import { sql } from 'kysely'
import type { Queries } from '../database/database.ts'
import type { Keyring } from './keyring.ts'

/** Seals anew what an older key than the newest sealed, in one room's tables. Answers how many. */
export type Reseal = (queries: Queries, keyring: Keyring) => Promise<number>

/** A column of sealed text; null and empty where there is none. */
export interface SealedColumn<Id extends string | number> {
  readonly table: string
  readonly column: string
  /** The column that says which row it is. */
  readonly id: string
  /** What the text of that row is sealed to. */
  readonly context: (id: Id) => string
}

/** Promises: what somebody else sealed in the meantime stays as they sealed it. */
export async function resealColumn<Id extends string | number>(
  queries: Queries,
  keyring: Keyring,
  { table, column, id, context }: SealedColumn<Id>,
): Promise<number> {
  const [from, which, text] = [sql.table(table), sql.ref(id), sql.ref(column)]
  // One at a time: answers that are kept may be large.
  const { rows } = await sql<{ id: Id }>`select ${which} as id from ${from}
    where ${text} is not null and ${text} <> '' order by ${which}`.execute(queries)
  let count = 0
  for (const row of rows) {
    const found = await sql<{ sealed: string }>`select ${text} as sealed from ${from} where ${which} = ${row.id}`.execute(
      queries,
    )
    const sealed = found.rows[0]?.sealed
    if (!sealed || !keyring.isStale(sealed)) continue
    const fresh = keyring.seal(keyring.open(sealed, context(row.id)), context(row.id))
    await sql`update ${from} set ${text} = ${fresh} where ${which} = ${row.id} and ${text} = ${sealed}`.execute(queries)
    count += 1
  }
  return count
}

/** All rooms, one after the other. Answers how many there were of all. */
export async function resealAll(sealed: readonly Reseal[], queries: Queries, keyring: Keyring): Promise<number> {
  let count = 0
  for (const reseal of sealed) count += await reseal(queries, keyring)
  return count
}
