import { invalidInput } from '@virtkit/spi'
import type { Session } from '../../connection/session.ts'
import { atOnce, settle } from '../../connection/settle.ts'
import { printDone } from '../../output/print.ts'
import { findSnapshots } from './find-snapshots.ts'

export interface RenameSnapshotFlags {
  readonly name?: string
  readonly description?: string
}

export async function renameSnapshot(
  session: Session,
  given: string,
  snapshot: string,
  { name, description }: RenameSnapshotFlags,
): Promise<void> {
  if (name === undefined && description === undefined)
    throw invalidInput([{ field: 'rename', problem: 'names nothing to change', hint: '--name, --description' }])
  const { client, output } = session
  const { machine, snapshots } = await findSnapshots(client, given, [snapshot])
  for (const { key, name: before } of snapshots) {
    const change = { ...(name !== undefined && { name }), ...(description !== undefined && { description }) }
    const answer = await client.virtualMachineSnapshots.update({ vmkey: machine.key, key, ...change }, atOnce)
    if (!(await settle(session, answer, machine.name))) return
    const text = name === undefined ? `Snapshot ${before} is described.` : `Snapshot ${before} is called ${name}.`
    printDone(output, { ...answer, statuscode: 200 }, { text })
  }
}
