import type { Kysely } from 'kysely'

/** Which process tells a sink of events, and until when nobody else does. */
export async function sinkTurns(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('eventCursors').addColumn('holder', 'text').execute()
  await db.schema
    .alterTable('eventCursors')
    .addColumn('heldUntil', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute()
}
