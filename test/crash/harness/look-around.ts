import type { Queries, Virtkit } from '@virtkit/core'
import { simulated } from '@virtkit/driver-simulated'
import type { SnapshotTree } from '@virtkit/spi'
import type { Stage } from './stage.ts'

/** All that a world shows, without what is chance: ids, addresses of cards, times. */
export type View = Readonly<Record<string, unknown>>

/** Looks at everything that a run may leave behind, on paper and on the hypervisor. */
export async function lookAround(kit: Virtkit, stage: Stage): Promise<View> {
  const { queries } = kit.database
  const { machines, media, datastores } = stage.server.world.summary()
  const trees = await treesOf(stage)
  const networks = await kit.networks.list()
  return {
    hypervisor: machines.map(({ ref, key, name, power, cpus, memoryMiB, disks, nics, medium, bootsFrom }) => ({
      name,
      power,
      cpus,
      memoryMiB,
      disks,
      bootsFrom,
      marked: key !== undefined,
      networks: nics.map(({ network }) => network),
      hasMedium: medium !== undefined,
      snapshots: trees.get(ref),
    })),
    media: media.length,
    datastores,
    machines: (await kit.machines.list()).map(({ name, os, state, cpus, memoryMiB, diskMiB, ...more }) => ({
      name,
      os,
      state,
      cpus,
      memoryMiB,
      diskMiB,
      placedDatastore: more.placedDatastore,
      scheduledDeletionAt: more.scheduledDeletionAt,
      hasParameters: more.installParameters !== undefined,
      networks: more.networks.map(({ position, ip, network }) => ({
        position,
        ip,
        network: networks.find(({ key }) => key === network)?.name,
      })),
    })),
    networks: networks.map(({ name, dhcp }) => `${name}${dhcp ? ' dhcp' : ''}`),
    addresses: (await queries.selectFrom('addresses').select(['address', 'state']).orderBy('address').execute()).map(
      ({ address, state }) => `${address} ${state}`,
    ),
    contingents: (await kit.contingents.list()).map(({ used, reserved }) => ({ used, reserved })),
    reservations: (await queries.selectFrom('contingentReservations').selectAll().execute()).length,
    operations: (await kit.operations.list())
      .map(({ kind, state, error }) => `${kind} ${state}${error ? ` ${error.code}` : ''}`)
      .toSorted(),
    installs: (await queries.selectFrom('installs').select('phase').execute()).map(({ phase }) => phase).toSorted(),
    snapshotKeys: (await queries.selectFrom('snapshotKeys').select('key').orderBy('key').execute()).map(({ key }) => key),
    events: await eventsOf(queries),
  }
}

/**
 * How often what was told. A guest that boots anew reports anew, and how far it came before it failed is chance; whoever takes a deletion
 * over asks the hypervisor anew, and if it does it now, nothing is postponed. That it is told once stands
 * in the story of forced deletions.
 */
async function eventsOf(queries: Queries): Promise<Readonly<Record<string, number>>> {
  const rows = await queries
    .selectFrom('events')
    .select((select) => ['type', select.fn.countAll<number>().as('times')])
    .where('type', 'not in', ['install.progressed', 'operation.progressed', 'machine.deletion-postponed'])
    .groupBy('type')
    .orderBy('type')
    .execute()
  return Object.fromEntries(rows.map(({ type, times }) => [type, times]))
}

async function treesOf(stage: Stage): Promise<ReadonlyMap<string, object>> {
  const call = { signal: AbortSignal.timeout(10_000) }
  const session = await simulated.connect({ url: stage.server.url }, call)
  try {
    const trees = new Map<string, object>()
    for (const { ref } of stage.server.world.machines()) trees.set(ref, named(await session.snapshots!.list(ref, call)))
    return trees
  } finally {
    await session[Symbol.asyncDispose]()
  }
}

function named({ current, snapshots }: SnapshotTree): object {
  const nameOf = (id: string | undefined): string | undefined => snapshots.find((each) => each.id === id)?.name
  return {
    current: nameOf(current),
    tree: snapshots.map(({ name, memory, parent }) => ({ name, memory, parent: nameOf(parent) })),
  }
}
