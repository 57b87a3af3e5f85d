import type { Kysely } from 'kysely'

/** A page of machines is read in order of its keys, however rare what is asked for. */
export async function machineLists(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('machines_state').on('machines').columns(['state', 'key']).execute()
  await db.schema.createIndex('machines_cluster').on('machines').columns(['clusterKey', 'key']).execute()
}
