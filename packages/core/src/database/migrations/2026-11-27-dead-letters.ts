import { type Kysely, sql } from 'kysely'

/** What became of each attempt to tell somebody; the former signing secret of a callback, while receivers may still know only that. */
export async function deadLetters(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema.alterTable('callbacks').addColumn('formerSecret', 'text').execute()
  await schema.alterTable('callbacks').addColumn('formerUntil', 'bigint').execute()
  const log = (table: string): Promise<void> =>
    schema
      .alterTable(table)
      .addColumn('history', 'text', (column) => column.notNull().defaultTo('[]'))
      .execute()
  await log('callbackDeliveries')
  await log('notificationDeliveries')
  await schema.alterTable('callbackDeliveries').addColumn('problem', 'text').execute()
  await schema.alterTable('callbackDeliveries').addColumn('endedAt', 'bigint').execute()
  // When they ended is not known: what is old enough to be forgotten goes by when it was stored.
  await sql`update callback_deliveries set ended_at = created_at where state <> 'due'`.execute(db)
  await sql`create index callback_deliveries_log on callback_deliveries (callback_key, key)`.execute(db)
  await sql`create index callback_deliveries_ended on callback_deliveries (ended_at) where ended_at is not null`.execute(db)
}
