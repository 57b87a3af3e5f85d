import { confirm } from '../../connection/confirm.ts'
import { findMachine } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { atOnce, settle } from '../../connection/settle.ts'
import { printDone } from '../../output/print.ts'

export async function registerTemplate(session: Session, given: string, flags: { readonly yes?: boolean }): Promise<void> {
  const { client, output, host } = session
  const { key, name } = await findMachine(client, given)
  await confirm(host, { ...flags, question: `Turn machine ${name} into a template? As a machine it is gone then.` })
  const answer = await client.templates.register({ key }, atOnce)
  const isDone = await settle(session, answer, name)
  printDone(output, answer, { text: `Machine ${name} ${isDone ? 'is' : 'becomes'} a template.` })
}
