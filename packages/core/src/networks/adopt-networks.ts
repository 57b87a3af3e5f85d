import type { Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'

export interface AdoptedNetwork {
  readonly key: number
  readonly name: string
  readonly cidr: string | null
  readonly gateway: string | null
  readonly isNew: boolean
}

/**
 * Finds networks of a cluster by name, and makes those that are missing. Of a network that a hypervisor has we know nothing but
 * its name: it counts as one whose addresses come from elsewhere (`dhcp`) until somebody says its `cidr`.
 *
 * Promises: two who make the same one at the same time make one. In the order of the names, each once.
 */
export async function adoptNetworks(
  { events }: { readonly events: Events },
  queries: Queries,
  clusterKey: number,
  names: readonly string[],
): Promise<readonly AdoptedNetwork[]> {
  const adopted: AdoptedNetwork[] = []
  for (const name of [...new Set(names)].toSorted()) {
    const made = await queries
      .insertInto('networks')
      .values({ ...unknown, name, clusterKey })
      .onConflict((conflict) => conflict.columns(['clusterKey', 'name']).doNothing())
      .returning('key')
      .executeTakeFirst()
    if (made) {
      const data = { name, cluster: clusterKey }
      await events.append(queries, { type: 'network.created', subject: `network/${made.key}`, data })
    }
    const row = await queries
      .selectFrom('networks')
      .select(['key', 'name', 'cidr', 'gateway'])
      .where('clusterKey', '=', clusterKey)
      .where('name', '=', name)
      .executeTakeFirstOrThrow()
    adopted.push({ ...row, isNew: made !== undefined })
  }
  return adopted
}

const unknown = {
  dhcp: 1,
  cidr: null,
  reservation: null,
  excluded: '[]',
  quarantineMs: 0,
  gateway: null,
  dns: '[]',
  zoneDomain: null,
  isolated: 0,
}
