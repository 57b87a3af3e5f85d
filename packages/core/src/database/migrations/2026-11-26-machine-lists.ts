import type { Kysely } from 'kysely'

/**
 * A page of machines is read in order of its keys, however rare what is asked for. SQLite does not know what is rare: without the third
 * index it would look for a rare state through all of a cluster.
 */
export async function machineLists(db: Kysely<unknown>): Promise<void> {
  const index = (name: string, columns: string[]): Promise<void> =>
    db.schema.createIndex(name).on('machines').columns(columns).execute()
  await index('machines_state', ['state', 'key'])
  await index('machines_cluster', ['clusterKey', 'key'])
  await index('machines_cluster_state', ['clusterKey', 'state', 'key'])
}
