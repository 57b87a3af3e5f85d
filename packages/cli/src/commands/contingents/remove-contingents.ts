import { confirm } from '../../connection/confirm.ts'
import { findGroup } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printDone } from '../../output/print.ts'

/** Takes limits away. All groups are found before the first has none. */
export async function removeContingents(
  { client, output, host }: Session,
  given: readonly string[],
  { yes }: { readonly yes?: boolean },
): Promise<void> {
  const groups = []
  for (const each of given) groups.push(await findGroup(client, each))
  await confirm(host, { yes, question: `Let ${groups.map(({ groupname }) => groupname).join(', ')} have any amount?` })
  for (const { key, groupname } of groups) {
    const [contingent] = await client.resourceContingents.list({ usergroupkey: key })
    if (!contingent) continue
    const answer = await client.resourceContingents.remove({ key: contingent.key })
    printDone(output, answer, { text: `${groupname} has no limits any more.` })
  }
}
