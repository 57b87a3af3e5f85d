import { confirm } from '../../connection/confirm.ts'
import { findMachine } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { atOnce, settle } from '../../connection/settle.ts'
import { printDone } from '../../output/print.ts'

/** Deletes machines, one after the other. All are found before the first goes. */
export async function deleteMachines(
  session: Session,
  given: readonly string[],
  { yes }: { readonly yes?: boolean },
): Promise<void> {
  const { client, output, host } = session
  const machines = []
  for (const each of given) machines.push(await findMachine(client, each))
  const names = machines.map(({ name }) => name).join(', ')
  const what = machines.some(({ status }) => status !== 'planned') ? ' with all that is on the disk' : ''
  await confirm(host, { yes, question: `Delete ${names}${what}?` })
  for (const { key, name } of machines) {
    const answer = await client.virtualMachines.remove({ key }, atOnce)
    if (await settle(session, answer, name)) {
      printDone(
        output,
        { ...answer, msg: 'virtual machine deleted', statuscode: 200 },
        { text: `Machine ${name} is deleted.` },
      )
    }
  }
}
