import type { Kysely } from 'kysely'

/** When each installation came to each of its phases, and what its console said at the end of one that failed. */
export async function installPhases(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('installPhases')
    .addColumn('runId', 'text', (c) => c.notNull().references('installs.runId').onDelete('cascade'))
    .addColumn('phase', 'text', (c) => c.notNull())
    .addColumn('startedAt', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('install_phases_pk', ['runId', 'phase'])
    .execute()
  await db.schema.alterTable('installs').addColumn('consoleTail', 'text').execute()
}
