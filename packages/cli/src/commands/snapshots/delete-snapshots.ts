import { confirm } from '../../connection/confirm.ts'
import type { Session } from '../../connection/session.ts'
import { atOnce, settle } from '../../connection/settle.ts'
import { printDone } from '../../output/print.ts'
import { findSnapshots } from './find-snapshots.ts'

/** Deletes snapshots, one after the other. All are found before the first goes. */
export async function deleteSnapshots(
  session: Session,
  given: string,
  names: readonly string[],
  { yes }: { readonly yes?: boolean },
): Promise<void> {
  const { client, output, host } = session
  const { machine, snapshots } = await findSnapshots(client, given, names)
  await confirm(host, { yes, question: `Delete ${snapshots.map(({ name }) => name).join(', ')} of ${machine.name}?` })
  for (const { key, name } of snapshots) {
    const answer = await client.virtualMachineSnapshots.remove({ vmkey: machine.key, key }, atOnce)
    if (await settle(session, answer, machine.name)) {
      printDone(output, { ...answer, statuscode: 200 }, { text: `Snapshot ${name} of ${machine.name} is deleted.` })
    }
  }
}
