import { findCluster } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printList } from '../../output/print.ts'

export async function listNetworks(
  { client, output }: Session,
  { cluster: given }: { readonly cluster?: string },
): Promise<void> {
  const of = given === undefined ? undefined : await findCluster(client, given)
  const [networks, clusters] = await Promise.all([
    client.networks.list(of === undefined ? {} : { cluster: of.key }),
    client.clusters.list(),
  ])
  const names = new Map(clusters.map(({ key, name }) => [key, name]))
  printList(output, networks, {
    columns: [
      { title: 'key', align: 'right', of: ({ key }) => key },
      { title: 'cluster', of: ({ cluster }) => names.get(cluster) ?? cluster },
      { title: 'name', of: ({ name }) => name },
      { title: 'addresses', of: ({ dhcp, cidr }) => (dhcp ? 'by DHCP' : cidr) },
      { title: 'handed out from', of: ({ ipreservationcidr }) => ipreservationcidr },
      { title: 'gateway', of: ({ gateway }) => gateway },
    ],
    key: ({ key }) => key,
    none: 'No networks yet. Find those of a cluster: virtkit clusters sync CLUSTER, or add one: virtkit networks add NAME',
  })
}
