import { confirm } from '../../connection/confirm.ts'
import { findNetwork } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printDone } from '../../output/print.ts'

/** Forgets networks. All are found before the first goes. */
export async function removeNetworks(
  { client, output, host }: Session,
  given: readonly string[],
  { yes }: { readonly yes?: boolean },
): Promise<void> {
  const networks = []
  for (const each of given) networks.push(await findNetwork(client, each))
  await confirm(host, { yes, question: `Forget ${networks.map(({ name }) => name).join(', ')}?` })
  for (const { key, name } of networks) {
    printDone(output, await client.networks.remove({ key }), { text: `Network ${name} is forgotten.` })
  }
}
