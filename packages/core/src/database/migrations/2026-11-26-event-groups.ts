import type { Kysely } from 'kysely'

/**
 * An event keeps whose its subject was, since the subject may go. Of what was told before nobody knows: it stays the administrators'.
 */
export async function eventGroups(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('events').addColumn('groupKey', 'integer').execute()
  await db.schema.createIndex('events_subject').on('events').columns(['subject', 'position']).execute()
}
