import { type VirtkitError, notFound } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import { conflict } from '../access/clash.ts'
import { givenClusters, orNone } from '../access/given.ts'
import type { Queries } from '../database/database.ts'
import { isKey } from '../options/fields.ts'
import type { ClusterTables } from './cluster-tables.ts'
import type { Cluster } from './clusters.ts'

export type ClusterRow = Selectable<ClusterTables['clusters']>

/** Clusters that somebody of these groups sees, by key. */
export async function seenClusters(
  queries: Queries,
  scope: readonly number[] | 'all',
  only: { key?: number; name?: string } = {},
): Promise<Cluster[]> {
  if (only.key !== undefined && !isKey(only.key)) return []
  let query = queries.selectFrom('clusters').selectAll().orderBy('key')
  if (only.key !== undefined) query = query.where('key', '=', only.key)
  if (only.name !== undefined) query = query.where('name', '=', only.name)
  if (scope !== 'all') query = query.where('key', 'in', givenClusters(queries, scope))
  const rows = await query.execute()
  const keys = orNone(rows.map((row) => row.key))
  const callbacks = await queries
    .selectFrom('clusterCallbacks')
    .selectAll()
    .where('clusterKey', 'in', keys)
    .orderBy('callbackKey')
    .execute()
  return rows.map((row) => toCluster(row, callbacks))
}

/** Throws `NOT_FOUND`. */
export async function loadCluster(queries: Queries, key: number, scope: readonly number[] | 'all'): Promise<Cluster> {
  const [cluster] = await seenClusters(queries, scope, { key })
  if (!cluster) throw notFound('cluster', key)
  return cluster
}

/** Replaces the callbacks of a cluster. Throws `NOT_FOUND`. */
export async function setCallbacks(queries: Queries, clusterKey: number, callbacks: readonly number[]): Promise<void> {
  const found = await queries.selectFrom('callbacks').select('key').where('key', 'in', orNone(callbacks)).execute()
  const missing = callbacks.find((key) => !found.some((each) => each.key === key))
  if (missing !== undefined) throw notFound('callback', missing)
  await queries.deleteFrom('clusterCallbacks').where('clusterKey', '=', clusterKey).execute()
  const rows = callbacks.map((callbackKey) => ({ clusterKey, callbackKey }))
  if (rows.length > 0) await queries.insertInto('clusterCallbacks').values(rows).execute()
}

/** What stands on a cluster keeps it from being removed. */
export async function refuseInUse(queries: Queries, key: number): Promise<void> {
  for (const table of ['machines', 'networks', 'profiles'] as const) {
    const row = await queries.selectFrom(table).select('key').where('clusterKey', '=', key).executeTakeFirst()
    if (row) throw inUse(key, table)
  }
}

export function inUse(key: number, by: string, cause?: unknown): VirtkitError<'CONFLICT'> {
  return conflict(`Cluster ${key} still has ${by}; remove them first.`, { with: by }, cause)
}

function toCluster(row: ClusterRow, callbacks: readonly { clusterKey: number; callbackKey: number }[]): Cluster {
  const { key, name, type, credentialsKey, defaultsKey, options } = row
  return {
    key,
    name,
    type,
    credentialsKey,
    ...(defaultsKey === null ? {} : { defaultsKey }),
    callbacks: callbacks.filter((each) => each.clusterKey === key).map((each) => each.callbackKey),
    options: JSON.parse(options) as Record<string, unknown>,
  }
}
