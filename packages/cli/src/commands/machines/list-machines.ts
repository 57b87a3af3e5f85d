import type { InputOf } from '@virtkit/rest/client'
import type { Contract } from '@virtkit/rest/contract'
import { findCluster, findGroup } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printList } from '../../output/print.ts'

export interface ListMachinesFlags {
  readonly owner?: string
  readonly cluster?: string
  readonly status?: string
}

export async function listMachines({ client, output }: Session, flags: ListMachinesFlags): Promise<void> {
  const query: InputOf<Contract['virtualMachines']['list']> = {
    ...(flags.owner !== undefined && { owner: (await findGroup(client, flags.owner)).key }),
    ...(flags.cluster !== undefined && { clusterkey: (await findCluster(client, flags.cluster)).key }),
    // The server is the one to say which there are.
    ...(flags.status !== undefined && { status: flags.status as 'planned' }),
  }
  const machines = await client.virtualMachines.list(query)
  const [groups, clusters, cards] = output.isJson
    ? [[], [], []]
    : await Promise.all([client.usergroups.list(), client.clusters.list(), client.virtualMachineNetworks.list()])
  const groupNames = new Map(groups.map(({ key, groupname }) => [key, groupname]))
  const clusterNames = new Map(clusters.map(({ key, name }) => [key, name]))
  const addresses = Map.groupBy(cards, ({ vmkey }) => vmkey)
  printList(output, machines, {
    columns: [
      { title: 'key', align: 'right', of: ({ key }) => key },
      { title: 'name', of: ({ name }) => name },
      { title: 'status', of: ({ status }) => status },
      { title: 'owner', of: ({ owner }) => groupNames.get(owner) ?? owner },
      { title: 'cluster', of: ({ clusterkey }) => clusterNames.get(clusterkey) ?? clusterkey },
      { title: 'cpus', align: 'right', of: ({ cpu }) => cpu },
      { title: 'memory', align: 'right', of: ({ ram }) => ram },
      { title: 'disk', align: 'right', of: ({ disc }) => disc },
      { title: 'addresses', of: ({ key }) => (addresses.get(key) ?? []).map(({ ip }) => ip || 'DHCP').join(', ') },
    ],
    key: ({ key }) => key,
    none: 'No machines. Create one: virtkit machines create NAME --owner GROUP --cluster CLUSTER --os debian-12',
  })
}
