import type { Kysely } from 'kysely'

/** The signed document that limits the machines of all groups together; at most one. */
export async function license(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('license')
    .addColumn('key', 'integer', (c) => c.primaryKey())
    .addColumn('document', 'text', (c) => c.notNull())
    .addColumn('installedAt', 'bigint', (c) => c.notNull())
    .execute()
}
