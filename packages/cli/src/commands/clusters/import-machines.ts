import { invalidInput } from '@virtkit/spi'
import { findCluster, findGroup } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { exitCodes } from '../../exit-codes.ts'
import { printList } from '../../output/print.ts'

export interface ImportMachinesFlags {
  readonly owner?: string
  readonly all?: boolean
}

/** Takes over machines by their names on the hypervisor; without names, lists what could be. Exit 1 where some were refused. */
export async function importMachines(
  session: Session,
  given: string,
  names: readonly string[],
  { owner, all = false }: ImportMachinesFlags,
): Promise<number> {
  const { client, output } = session
  const { key, name } = await findCluster(client, given)
  if (names.length === 0 && !all) {
    await listImportable(session, key, name)
    return exitCodes.ok
  }
  if (owner === undefined)
    throw invalidInput([{ field: '--owner', problem: 'is missing', hint: 'name the group that is charged' }])
  const group = await findGroup(client, owner)
  const vmnames = all ? (await client.clusters.importable({ key })).map((machine) => machine.name) : [...names]
  const results = vmnames.length === 0 ? [] : await client.clusters.import({ key, owner: group.key, vmnames })
  printList(output, results, {
    columns: [
      { title: 'key', align: 'right', of: (machine) => machine.key || '' },
      { title: 'machine', of: (machine) => machine.name },
      { title: 'result', of: ({ error }) => (error === undefined ? 'imported' : `refused: ${error}`) },
    ],
    key: (machine) => machine.key,
    none: `${name} has no machine that could be imported.`,
  })
  return results.some(({ error }) => error !== undefined) ? exitCodes.failed : exitCodes.ok
}

async function listImportable({ client, output }: Session, key: number, name: string): Promise<void> {
  printList(output, await client.clusters.importable({ key }), {
    columns: [
      { title: 'machine', of: (machine) => machine.name },
      { title: 'cpus', align: 'right', of: ({ cpu }) => cpu },
      { title: 'memory', align: 'right', of: ({ ram }) => ram },
      { title: 'disk', align: 'right', of: ({ disc }) => disc },
      { title: 'datastore', of: ({ datastore }) => datastore },
      { title: 'networks', of: ({ networks }) => networks.join(', ') },
    ],
    key: (machine) => machine.name,
    none: `${name} has no machine that could be imported.`,
  })
}
