import { VirtkitError, notFound } from '@virtkit/spi'
import type { Queries } from '../database/database.ts'
import type { NewGroup } from './group-rules.ts'
import { orNone } from './given.ts'

/** Replaces who is in a group and what it is given, where the change says so. Throws `NOT_FOUND` for what does not exist. */
export async function setMembers(queries: Queries, groupKey: number, change: Partial<NewGroup>): Promise<void> {
  const { users, networks, clusters } = change
  if (users) {
    const found = await queries.selectFrom('users').select('key').where('key', 'in', orNone(users)).execute()
    requireAll('user', users, found)
    await queries.deleteFrom('userGroupMembers').where('groupKey', '=', groupKey).execute()
    const rows = users.map((userKey) => ({ groupKey, userKey }))
    if (rows.length > 0) await queries.insertInto('userGroupMembers').values(rows).execute()
  }
  if (networks) {
    const found = await queries.selectFrom('networks').select('key').where('key', 'in', orNone(networks)).execute()
    requireAll('network', networks, found)
    await queries.deleteFrom('userGroupNetworks').where('groupKey', '=', groupKey).execute()
    const rows = networks.map((networkKey) => ({ groupKey, networkKey }))
    if (rows.length > 0) await queries.insertInto('userGroupNetworks').values(rows).execute()
  }
  if (clusters) {
    const found = await queries.selectFrom('clusters').select('key').where('key', 'in', orNone(clusters)).execute()
    requireAll('cluster', clusters, found)
    await queries.deleteFrom('userGroupClusters').where('groupKey', '=', groupKey).execute()
    const rows = clusters.map((clusterKey) => ({ groupKey, clusterKey }))
    if (rows.length > 0) await queries.insertInto('userGroupClusters').values(rows).execute()
  }
}

export interface Members {
  readonly users: readonly number[]
  readonly networks: readonly number[]
  readonly clusters: readonly number[]
}

/** The members of each of these groups. */
export async function membersOf(queries: Queries, groups: readonly number[]): Promise<(groupKey: number) => Members> {
  const keys = orNone(groups)
  const users = await queries
    .selectFrom('userGroupMembers')
    .selectAll()
    .where('groupKey', 'in', keys)
    .orderBy('userKey')
    .execute()
  const networks = await queries
    .selectFrom('userGroupNetworks')
    .selectAll()
    .where('groupKey', 'in', keys)
    .orderBy('networkKey')
    .execute()
  const clusters = await queries
    .selectFrom('userGroupClusters')
    .selectAll()
    .where('groupKey', 'in', keys)
    .orderBy('clusterKey')
    .execute()
  return (groupKey) => ({
    users: users.filter((each) => each.groupKey === groupKey).map((each) => each.userKey),
    networks: networks.filter((each) => each.groupKey === groupKey).map((each) => each.networkKey),
    clusters: clusters.filter((each) => each.groupKey === groupKey).map((each) => each.clusterKey),
  })
}

/** What exists may still go before the commit. */
export function memberGone(cause: unknown): VirtkitError {
  const details = { what: 'member', id: 'of the group' }
  return new VirtkitError('NOT_FOUND', 'A user, network or cluster of the group has just been removed.', { details, cause })
}

function requireAll(what: string, asked: readonly number[], found: readonly { key: number }[]): void {
  const known = new Set(found.map((each) => each.key))
  const missing = asked.find((key) => !known.has(key))
  if (missing !== undefined) throw notFound(what, missing)
}
