import type { Session } from '../../connection/session.ts'
import { printList } from '../../output/print.ts'

export async function listClusters({ client, output }: Session): Promise<void> {
  const [clusters, credentials] = await Promise.all([client.clusters.list(), client.clusterCredentials.list()])
  const addresses = new Map(credentials.map(({ key, url }) => [key, url]))
  printList(output, clusters, {
    columns: [
      { title: 'key', align: 'right', of: ({ key }) => key },
      { title: 'name', of: ({ name }) => name },
      { title: 'type', of: ({ type }) => type },
      { title: 'address', of: ({ credentialskey }) => addresses.get(credentialskey) ?? '' },
    ],
    key: ({ key }) => key,
    none: 'No clusters yet. Register one: virtkit clusters add NAME --type KIND --address URL',
  })
}
