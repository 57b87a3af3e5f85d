import { findCluster } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printDone, printList } from '../../output/print.ts'

export interface SyncClusterFlags {
  readonly networks?: boolean
  readonly defaults?: boolean
  readonly images?: boolean
}

/** Networks and defaults, unless only some of it is asked for. */
export async function syncCluster(session: Session, given: string, flags: SyncClusterFlags): Promise<void> {
  const { client, output } = session
  const { key, name } = await findCluster(client, given)
  const isChosen = flags.networks === true || flags.defaults === true || flags.images === true
  if (flags.networks ?? !isChosen) await syncNetworks(session, key)
  if (flags.defaults ?? !isChosen) {
    const answer = await client.clusters.synchronize({ key })
    printDone(output, answer, { text: `Defaults of ${name} were read from the hypervisor.` })
  }
  if (flags.images) await syncImages(session, key)
}

async function syncNetworks({ client, output }: Session, key: number): Promise<void> {
  const { networkstatus } = await client.clusters.syncNetworks({ key })
  printList(output, networkstatus, {
    columns: [
      { title: 'key', align: 'right', of: (network) => network.key },
      { title: 'network', of: (network) => network.name },
      { title: 'status', of: (network) => network.status },
    ],
    key: (network) => network.key,
    none: 'The hypervisor has no networks.',
  })
}

async function syncImages({ client, output }: Session, key: number): Promise<void> {
  printList(output, await client.clusters.syncImages({ key }), {
    columns: [
      { title: 'image', of: ({ name }) => name },
      { title: 'status', of: ({ status }) => status },
    ],
    key: ({ name }) => name,
    none: 'There are no boot images.',
  })
}
