import type { Client } from '@virtkit/rest/client'
import { confirm } from '../../connection/confirm.ts'
import { findCluster } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printDone } from '../../output/print.ts'

/** Forgets clusters. All are found before the first goes. */
export async function removeClusters(
  { client, output, host }: Session,
  given: readonly string[],
  { yes }: { readonly yes?: boolean },
): Promise<void> {
  const clusters = []
  for (const each of given) clusters.push(await findCluster(client, each))
  const names = clusters.map(({ name }) => name).join(', ')
  await confirm(host, { ...(yes !== undefined && { yes }), question: `Forget ${names}?` })
  for (const { key, name, credentialskey } of clusters) {
    const answer = await client.clusters.remove({ key })
    await removeOwnCredentials(client, credentialskey, name)
    printDone(output, answer, { text: `Cluster ${name} is forgotten.` })
  }
}

/** Those that were made for the cluster go with it, unless another has come to use them. */
async function removeOwnCredentials(client: Client, key: number, cluster: string): Promise<void> {
  const credentials = await client.clusterCredentials.get({ key })
  if (credentials.name !== cluster) return
  const users = await client.clusters.list({ credentialskey: key })
  if (users.length === 0) await client.clusterCredentials.remove({ key })
}
