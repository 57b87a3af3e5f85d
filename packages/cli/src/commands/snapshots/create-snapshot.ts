import { findMachine } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { type MaybeGoesOn, atOnce, settle } from '../../connection/settle.ts'
import { printDone } from '../../output/print.ts'
import type { Snapshot } from './find-snapshots.ts'

export interface CreateSnapshotFlags {
  readonly description?: string
  readonly memory?: boolean
}

export async function createSnapshot(
  session: Session,
  given: string,
  name: string,
  { description, memory }: CreateSnapshotFlags,
): Promise<void> {
  const { client, output } = session
  const machine = await findMachine(client, given)
  const wish = {
    vmkey: machine.key,
    name,
    ...(description !== undefined && { description }),
    ...(memory && { includememory: true }),
  }
  const answer: Partial<Snapshot> & MaybeGoesOn = await client.virtualMachineSnapshots.create(wish, atOnce)
  if (!(await settle(session, answer, machine.name))) return
  // What goes on is answered without it: the newest of that name is it.
  const named = await client.virtualMachineSnapshots.list({ key: machine.key, name })
  const taken = named.toSorted((a, b) => b.key - a.key)[0]
  if (taken)
    printDone(output, taken, { text: `Snapshot ${name} of ${machine.name} has the key ${taken.key}.`, key: taken.key })
}
