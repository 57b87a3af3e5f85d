import type { Client, OutputOf } from '@virtkit/rest/client'
import type { Contract } from '@virtkit/rest/contract'
import { type Machine, findMachine } from '../../connection/find.ts'
import { pick } from '../../connection/pick.ts'

export type Snapshot = OutputOf<Contract['virtualMachineSnapshots']['get']>

/** A machine and some of its snapshots, each by name, key or path. */
export async function findSnapshots(
  client: Client,
  machine: string,
  given: readonly string[],
): Promise<{ readonly machine: Machine; readonly snapshots: readonly Snapshot[] }> {
  const found = await findMachine(client, machine)
  const all = await client.virtualMachineSnapshots.list({ key: found.key })
  const list = `virtkit snapshots list ${found.name}`
  const snapshots = given.map((each) =>
    // Only a path begins with a slash: in it, one that is part of a name is written %2f.
    each.startsWith('/')
      ? pick(all, each, { what: 'snapshot', name: ({ path }) => path, list })
      : pick(all, each, { what: 'snapshot', name: ({ name }) => name, list }),
  )
  return { machine: found, snapshots }
}
