import { type Kysely, sql } from 'kysely'
import type { Engine } from '../database.ts'

/** Machines by name, of all and of one owner; texts byte by byte, as they are sorted. */
export async function machineOrders(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const name = sql.raw(engine === 'postgres' ? 'name collate "C"' : 'name')
  await sql`create index machines_by_name on machines (${name}, key)`.execute(db)
  await sql`create index machines_owner_by_name on machines (owner_key, ${name}, key)`.execute(db)
}
