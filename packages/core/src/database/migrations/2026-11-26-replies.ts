import type { Kysely } from 'kysely'

/** What calls with an idempotency key were answered. */
export async function replies(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('replies')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('operationKey', 'text', (c) => c.notNull())
    .addColumn('holder', 'text', (c) => c.notNull())
    .addColumn('leasedUntil', 'bigint', (c) => c.notNull())
    .addColumn('reply', 'text')
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('replies_age').on('replies').column('createdAt').execute()
}
