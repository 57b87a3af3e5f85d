import type { Kysely } from 'kysely'

/** Boot images that are, or may be, on the storage of a cluster. */
export async function clusterImages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('clusterImages')
    .addColumn('clusterKey', 'integer', (c) => c.notNull().references('clusters.key').onDelete('cascade'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('os', 'text', (c) => c.notNull())
    .addColumn('origin', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('cluster_images_pk', ['clusterKey', 'name'])
    .execute()
}
