import type { SelectQueryBuilder } from 'kysely'
import type { Queries } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'

// What groups have been given. For `where('key', 'in', …)` of those who see these groups' things only.

export function givenClusters(
  queries: Queries,
  groups: readonly number[],
): SelectQueryBuilder<Schema, 'userGroupClusters', { clusterKey: number }> {
  return queries.selectFrom('userGroupClusters').select('clusterKey').where('groupKey', 'in', orNone(groups))
}

export function givenNetworks(
  queries: Queries,
  groups: readonly number[],
): SelectQueryBuilder<Schema, 'userGroupNetworks', { networkKey: number }> {
  return queries.selectFrom('userGroupNetworks').select('networkKey').where('groupKey', 'in', orNone(groups))
}

/** `in ()` is no SQL; no row has key 0. */
export function orNone(keys: readonly number[]): readonly number[] {
  return keys.length === 0 ? [0] : keys
}
