import type { Hypervisor } from '@virtkit/spi'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { adoptNetworks } from '../networks/adopt-networks.ts'
import { loadCluster } from './cluster-rows.ts'
import type { ClusterDatastore, Connections, NetworkStatus, StoredClusterDefaults } from './clusters.ts'
import { onHypervisor } from './on-hypervisor.ts'
import { insertDefaults, loadDefaults } from './sql-cluster-defaults.ts'

export interface ReadParts {
  readonly database: Database
  readonly events: Events
  readonly connections: Connections
}

/** How long a hypervisor may take to tell what it has. */
const readMs = 120_000

/** Writes the hypervisor's own defaults into the cluster's; what it does not tell stays. */
export async function readDefaults(parts: ReadParts, clusterKey: number): Promise<StoredClusterDefaults> {
  const found = await ask(parts, clusterKey, ({ inventory }, call) => inventory.defaults(call))
  const theirs = Object.fromEntries(
    (['datacenter', 'resourcePool', 'host', 'datastore'] as const).flatMap((field) =>
      found[field] === undefined ? [] : [[field, found[field]]],
    ),
  )
  return parts.database.transaction(async (queries) => {
    const { defaultsKey } = await loadCluster(queries, clusterKey, 'all')
    const before = defaultsKey === undefined ? {} : await loadDefaults(queries, defaultsKey)
    const { key: _, ...kept } = { key: 0, ...before }
    // Other clusters may go by the same defaults; theirs are not ours to change.
    const isOurs = defaultsKey !== undefined && !(await isShared(queries, clusterKey, defaultsKey))
    const key = isOurs ? defaultsKey : await insertDefaults(queries, kept)
    await queries
      .updateTable('clusterDefaults')
      .set({ ...kept, ...theirs })
      .where('key', '=', key)
      .execute()
    await queries.updateTable('clusters').set({ defaultsKey: key }).where('key', '=', clusterKey).execute()
    await parts.events.append(queries, { type: 'cluster.synchronized', subject: `cluster/${clusterKey}`, data: theirs })
    return loadDefaults(queries, key)
  })
}

/** Makes the networks that the hypervisor has and we do not, and tells of all of both sides. */
export async function readNetworks(parts: ReadParts, clusterKey: number): Promise<readonly NetworkStatus[]> {
  const found = await ask(parts, clusterKey, ({ inventory }, call) => inventory.networks(call))
  return parts.database.transaction(async (queries) => {
    const names = found.map((network) => network.name)
    const adopted = await adoptNetworks(parts, queries, clusterKey, names)
    const ours = await queries.selectFrom('networks').select(['key', 'name']).where('clusterKey', '=', clusterKey).execute()
    const vanished = ours.filter((network) => !names.includes(network.name))
    return [
      ...adopted.map(({ key, name, isNew }) => ({
        key,
        name,
        status: isNew ? ('created' as const) : ('present' as const),
      })),
      ...vanished.map(({ key, name }) => ({ key, name, status: 'vanished' as const })),
    ].toSorted((a, b) => a.key - b.key)
  })
}

/** By name; what the hypervisor says, less what only a placement needs. */
export async function readDatastores(parts: ReadParts, clusterKey: number): Promise<readonly ClusterDatastore[]> {
  const found = await ask(parts, clusterKey, ({ inventory }, call) => inventory.datastores(call))
  return found
    .map(({ name, type, capacityMiB, freeMiB, writable, holds }) => ({ name, type, capacityMiB, freeMiB, writable, holds }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function ask<T>(
  { connections }: ReadParts,
  clusterKey: number,
  work: (hypervisor: Hypervisor, call: { signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const call = { signal: AbortSignal.timeout(readMs) }
  return onHypervisor(connections, clusterKey, call, (hypervisor) => work(hypervisor, call))
}

async function isShared(queries: Queries, clusterKey: number, defaultsKey: number): Promise<boolean> {
  const another = await queries
    .selectFrom('clusters')
    .select('key')
    .where('defaultsKey', '=', defaultsKey)
    .where('key', '!=', clusterKey)
    .executeTakeFirst()
  return another !== undefined
}
