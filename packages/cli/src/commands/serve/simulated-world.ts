import type { Virtkit } from '@virtkit/core'
import { clusterName } from '../quickstart/world.ts'

/** Keys of what a newcomer needs to create a machine; all 1 in a new database. */
export interface SimulatedWorld {
  readonly cluster: number
  readonly network: number
  readonly group: number
}

/** The inventory around the first machine. Promises: what is there is found, not made again; nobody's changes are undone. */
export async function setUpSimulatedWorld(kit: Virtkit, credentials: { readonly url: string }): Promise<SimulatedWorld> {
  const cluster =
    (await kit.clusters.find(clusterName)) ??
    (await kit.clusters.add({ name: clusterName, type: 'simulated', credentials }))
  const network =
    (await kit.networks.find(cluster.key, 'lan')) ??
    (await kit.networks.add({ name: 'lan', cluster: cluster.key, cidr: '10.20.0.0/24', gateway: '10.20.0.1' }))
  const group =
    (await kit.groups.find('team-a')) ??
    (await kit.groups.add({ name: 'team-a', networks: [network.key], clusters: [cluster.key] }))
  return { cluster: cluster.key, network: network.key, group: group.key }
}
