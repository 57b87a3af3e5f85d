import type { AddressPlan } from '../src/networks/address-rules.ts'
import type { Database } from '../src/database/database.ts'
import { parseNetworkInput } from '../src/networks/network-rules.ts'

export async function addCluster(database: Database): Promise<void> {
  const credentials = { name: 'c', username: '', password: '', url: 'https://hypervisor.test', insecure: 0, http: 0 }
  await database.queries.insertInto('credentials').values(credentials).execute()
  await database.queries
    .insertInto('clusters')
    .values({ name: 'c', type: 'simulated', credentialsKey: 1, options: '{}' })
    .execute()
}

/** Uses the first addresses of 10.0.0.0/16, as `nic/0`, `nic/1`, …, the quick way. */
export async function fill(database: Database, networkKey: number, count: number): Promise<void> {
  await database.transaction(async (queries) => {
    for (let from = 0; from < count; from += 2_000) {
      const indexes = Array.from({ length: Math.min(2_000, count - from) }, (_, index) => from + index)
      const address = (index: number): string => (0x0a00_0001 + index).toString(16).padStart(8, '0')
      await queries
        .insertInto('addresses')
        .values(
          indexes.map((index) => ({
            networkKey,
            address: address(index),
            state: 'used' as const,
            owner: `nic/${index}`,
            pooled: 0,
          })),
        )
        .execute()
    }
  })
}

export interface TestPlan extends Partial<AddressPlan> {
  readonly dhcp?: boolean
  readonly quarantineMs?: number
}

export async function addNetwork(database: Database, plan: TestPlan): Promise<number> {
  const { name, cidr, reservation, gateway, dhcp, excluded, quarantineMs } = parseNetworkInput({
    name: 'lab',
    cluster: 1,
    ...plan,
  })
  const range = { cidr, reservation, gateway, excluded: JSON.stringify(excluded), quarantineMs }
  const row = { name, clusterKey: 1, dhcp: Number(dhcp), ...range, dns: '[]', isolated: 0 }
  return (await database.queries.insertInto('networks').values(row).returning('key').executeTakeFirstOrThrow()).key
}
