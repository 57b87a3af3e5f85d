import type { Call, Hypervisor, MachineSpec, Placement } from '@virtkit/spi'
import type { Database } from '../database/database.ts'
import { chooseDatastore } from '../machines/datastore-rules.ts'
import type { MachineNetwork } from '../machines/machine-networks.ts'
import type { MachineRow } from '../machines/machine-rows.ts'
import type { Settings } from '../settings/settings.ts'

/**
 * Where a machine goes: the cluster's defaults over the hypervisor's own, and a datastore with room for its disk, counting what
 * is promised to machines that are being made at the same time.
 */
export async function placeMachine(
  parts: { readonly database: Database; readonly settings: Settings },
  hypervisor: Hypervisor,
  machine: MachineRow,
  call: Call,
): Promise<Placement> {
  const [theirs, datastores] = await Promise.all([
    hypervisor.inventory.defaults(call),
    hypervisor.inventory.datastores(call),
  ])
  const { datastoreFilter, ignoredDatastores } = await parts.settings.get()
  const ours = await clusterDefaults(parts.database, machine.clusterKey)
  const asked = machine.datastore === 'auto' ? (ours.datastore ?? 'auto') : machine.datastore
  const datastore = chooseDatastore(datastores, {
    asked,
    diskMiB: machine.diskMiB,
    filter: datastoreFilter,
    ignored: ignoredDatastores,
    promisedMiB: await promised(parts.database, machine),
  })
  return { ...theirs, ...ours, datastore }
}

async function clusterDefaults(database: Database, clusterKey: number): Promise<Placement> {
  const row = await database.queries
    .selectFrom('clusters')
    .innerJoin('clusterDefaults', 'clusterDefaults.key', 'clusters.defaultsKey')
    .select(['datacenter', 'resourcePool', 'host', 'datastore'])
    .where('clusters.key', '=', clusterKey)
    .executeTakeFirst()
  return Object.fromEntries(Object.entries(row ?? {}).filter(([, value]) => value !== null))
}

/** What machines that have a place but are not on the hypervisor yet will take. */
async function promised(database: Database, machine: MachineRow): Promise<ReadonlyMap<string, number>> {
  const rows = await database.queries
    .selectFrom('machines')
    .select((select) => ['placedDatastore', select.fn.sum<number>('diskMiB').as('diskMiB')])
    .where('clusterKey', '=', machine.clusterKey)
    .where('placedDatastore', 'is not', null)
    .where('ref', 'is', null)
    .where('key', '!=', machine.key)
    .groupBy('placedDatastore')
    .execute()
  return new Map(rows.map((row) => [row.placedDatastore!, row.diskMiB]))
}

/**
 * Makes the machine on its hypervisor, or takes the one that an earlier attempt has made; either way it is off and boots the
 * medium first. Without one it boots its disk, and the network while that is blank.
 */
export async function createOnHypervisor(
  database: Database,
  hypervisor: Hypervisor,
  machine: MachineRow,
  cards: readonly MachineNetwork[],
  wish: { readonly placement: Placement; readonly medium?: string; readonly provisioning: 'thin' | 'thick' },
  call: Call,
): Promise<string> {
  const names = await networkNames(database, cards)
  const spec: MachineSpec = {
    name: machine.name,
    cpus: machine.cpus,
    memoryMiB: machine.memoryMiB,
    firmware: machine.firmware,
    disks: [{ sizeMiB: machine.diskMiB, provisioning: wish.provisioning }],
    nics: cards.map((card) => ({ network: names.get(card.network)!, mac: card.mac })),
    placement: wish.placement,
    guestOs: machine.os,
    ...(wish.medium !== undefined && { medium: { ref: wish.medium } }),
  }
  const keyed = { ...call, key: machine.mark }
  const found = await hypervisor.machines.create(spec, keyed)
  const owned = { ref: found.ref, key: machine.mark }
  if (found.power !== 'off') await hypervisor.power.off(owned, call)
  const boots = wish.medium === undefined || (found.medium === wish.medium && found.bootsFrom === 'medium')
  if (!boots) await hypervisor.media?.insert(owned, wish.medium, call)
  return found.ref
}

async function networkNames(database: Database, cards: readonly MachineNetwork[]): Promise<ReadonlyMap<number, string>> {
  const keys = cards.map((card) => card.network)
  const rows = await database.queries.selectFrom('networks').select(['key', 'name']).where('key', 'in', keys).execute()
  return new Map(rows.map((row) => [row.key, row.name]))
}
