import type { ColumnDefinitionBuilder, Kysely } from 'kysely'

/** Who accepted the host's license agreement, and the update that was asked for. */
export async function eulaUpdates(db: Kysely<unknown>): Promise<void> {
  const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()
  await db.schema
    .createTable('eulaAcceptances')
    .addColumn('userKey', 'integer', required)
    .addColumn('name', 'text', required)
    .addColumn('fingerprint', 'text', required)
    .addColumn('acceptedAt', 'bigint', required)
    .addPrimaryKeyConstraint('eula_acceptances_pk', ['userKey', 'fingerprint'])
    .execute()
  await db.schema
    .createTable('scheduledUpdate')
    .addColumn('key', 'integer', (column) => column.primaryKey())
    .addColumn('version', 'text', required)
    .addColumn('scheduledAt', 'bigint', required)
    .execute()
}
