import { findMachine } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { clean } from '../../output/print.ts'
import { cut } from '../../output/table.ts'
import { showTime } from '../../output/times.ts'
import type { Snapshot } from './find-snapshots.ts'
import { renderSnapshotTree } from './snapshot-tree.ts'

export async function listSnapshots({ client, output }: Session, given: string): Promise<void> {
  const machine = await findMachine(client, given)
  const snapshots = await client.virtualMachineSnapshots.list({ key: machine.key })
  if (output.isJson) for (const each of snapshots) output.json(each)
  else if (output.isQuiet) for (const { key } of snapshots) output.line(String(key))
  else if (snapshots.length === 0)
    output.line(`${machine.name} has no snapshots. Take one: virtkit snapshots create ${machine.name} NAME`)
  else for (const line of renderSnapshotTree(machine.name, snapshots, say)) output.line(cut(clean(line), output.columns))
}

function say({ key, name, creationdate, includememory, description }: Snapshot): string {
  const memory = includememory ? ', with memory' : ''
  return `${name}  (${key}, ${showTime(creationdate)}${memory})${description === '' ? '' : `  ${description}`}`
}
