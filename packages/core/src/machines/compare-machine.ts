import type { Connections } from '../clusters/clusters.ts'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import type { Database } from '../database/database.ts'
import { differencesOf } from './difference-rules.ts'
import type { MachineDifference } from './machine-imports.ts'
import type { MachineRow } from './machine-rows.ts'
import type { Machine } from './machines.ts'

/** Holds a machine on paper against what the hypervisor has. */
export async function compareMachine(
  parts: { readonly database: Database; readonly connections: Connections },
  row: MachineRow,
  machine: Machine,
): Promise<readonly MachineDifference[]> {
  const networks = await parts.database.queries
    .selectFrom('networks')
    .select(['key', 'name'])
    .where('clusterKey', '=', row.clusterKey)
    .execute()
  const names = new Map(networks.map(({ key, name }) => [key, name]))
  const nics = machine.networks.map(({ network, mac }) => ({ network: names.get(network) ?? '', mac }))
  const call = { signal: AbortSignal.timeout(30_000) }
  const info = await onHypervisor(parts.connections, row.clusterKey, call, ({ machines }) =>
    machines.find(row.ref ?? '', call),
  )
  return differencesOf({ ...machine, mark: row.mark, nics }, info)
}
