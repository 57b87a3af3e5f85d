import type { Session } from '../../connection/session.ts'
import { atOnce, settle } from '../../connection/settle.ts'
import { printDone } from '../../output/print.ts'
import { findSnapshots } from './find-snapshots.ts'

export async function updateHardware(session: Session, given: string, names: readonly string[]): Promise<void> {
  const { client, output } = session
  const { machine, snapshots } = await findSnapshots(client, given, names)
  const keys = snapshots.map(({ key }) => key)
  const answer = await client.virtualMachineSnapshots.updatehardware({ vmkey: machine.key, keys }, atOnce)
  if (!(await settle(session, answer, machine.name))) return
  const text = `${snapshots.map(({ name }) => name).join(', ')} of ${machine.name} have its present hardware.`
  printDone(output, { ...answer, statuscode: 200 }, { text })
}
