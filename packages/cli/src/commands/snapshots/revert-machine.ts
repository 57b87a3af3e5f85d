import { confirm } from '../../connection/confirm.ts'
import type { Session } from '../../connection/session.ts'
import { atOnce, settle } from '../../connection/settle.ts'
import { printDone } from '../../output/print.ts'
import { findSnapshots } from './find-snapshots.ts'

export async function revertMachine(
  session: Session,
  given: string,
  snapshot: string,
  { yes }: { readonly yes?: boolean },
): Promise<void> {
  const { client, output, host } = session
  const { machine, snapshots } = await findSnapshots(client, given, [snapshot])
  for (const { key, name } of snapshots) {
    await confirm(host, { yes, question: `Put ${machine.name} back to ${name}, and lose what came after?` })
    const answer = await client.virtualMachineSnapshots.restore({ vmkey: machine.key, key }, atOnce)
    if (!(await settle(session, answer, machine.name))) return
    printDone(output, { ...answer, statuscode: 200 }, { text: `Machine ${machine.name} is back at ${name}.` })
  }
}
