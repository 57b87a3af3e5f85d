import type { Queries } from '../database/database.ts'

/** The numbers of a machine's snapshots by the hypervisor's ids; also of those that are gone, whose numbers are not used again. */
export async function snapshotNumbers(queries: Queries, machineKey: number): Promise<ReadonlyMap<string, number>> {
  const rows = await queries.selectFrom('snapshotKeys').select(['id', 'key']).where('machineKey', '=', machineKey).execute()
  return new Map(rows.map((row) => [row.id, row.key]))
}

/**
 * Gives a number to each snapshot that has none yet, in the order given. Promises: an id keeps its number for ever, whoever gives
 * numbers at the same time.
 */
export async function numberSnapshots(
  queries: Queries,
  machineKey: number,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  for (;;) {
    const known = await snapshotNumbers(queries, machineKey)
    const without = ids.filter((id) => !known.has(id))
    if (without.length === 0) return known
    const last = Math.max(0, ...known.values())
    // Somebody else may take these numbers meanwhile; then those who got none try again.
    await queries
      .insertInto('snapshotKeys')
      .values(without.map((id, index) => ({ machineKey, key: last + 1 + index, id })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}
