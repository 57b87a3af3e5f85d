import type { Virtkit } from '@virtkit/core'
import { addCluster } from '../open-kit.ts'

/** Machines with a card each, written by themselves: creating them is another figure. Answers their keys. */
export async function addMachines(kit: Virtkit, count: number): Promise<readonly number[]> {
  const cluster = await addCluster(kit, 'bench')
  const { key: group } = await kit.groups.add({ name: 'bench' })
  const network = await kit.networks.add({ name: 'lan', cluster, cidr: '10.0.0.0/8' })
  const rows = Array.from({ length: count }, (_, index) => ({
    name: `machine-${index}`,
    ownerKey: group,
    clusterKey: cluster,
    os: 'other',
    cpus: 2,
    memoryMiB: 4096,
    diskMiB: 40_960,
    datastore: 'auto',
    provisioning: 'thin' as const,
    firmware: 'bios' as const,
    state: 'deployed' as const,
    ref: `ref-${index}`,
    mark: `mark-${index}`,
    createdAt: 1_700_000_000_000,
    version: 1,
  }))
  return kit.database.transaction(async (queries) => {
    const keys: number[] = []
    for (let from = 0; from < count; from += 500) {
      const made = await queries
        .insertInto('machines')
        .values(rows.slice(from, from + 500))
        .returning('key')
        .execute()
      keys.push(...made.map(({ key }) => key))
    }
    for (let from = 0; from < count; from += 500) {
      const cards = keys.slice(from, from + 500).map((machineKey) => ({
        machineKey,
        networkKey: network.key,
        clusterKey: cluster,
        position: 0,
        ip: '10.0.0.1',
        mac: `mac-${machineKey}`,
        domains: '[]',
      }))
      await queries.insertInto('machineNetworks').values(cards).execute()
    }
    return keys.toSorted((a, b) => a - b)
  })
}
