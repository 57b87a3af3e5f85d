import { type Kysely, sql } from 'kysely'
import type { Engine } from '../database.ts'

/** Events wait for no older transaction any more, so its number is kept no longer (see `events/event-positions.ts`). */
export async function eventOrder(db: Kysely<unknown>, engine: Engine): Promise<void> {
  if (engine === 'sqlite') return
  await sql`drop index events_without_position`.execute(db)
  await sql`alter table events drop column tx`.execute(db)
  await sql`create index events_without_position on events (seq) where position is null`.execute(db)
}
