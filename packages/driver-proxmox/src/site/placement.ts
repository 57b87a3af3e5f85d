import { type InputProblem, type MachineSpec, type NicSpec, type Placement, VirtkitError, invalidInput } from '@virtkit/spi'
import type { PveCall } from '../client/pve-call.ts'
import { records, text } from '../client/wire.ts'
import { formatFor } from '../machine/storage-kind.ts'
import type { ProxmoxOptions } from '../options.ts'
import { type SiteNode, type SiteStorage, readNetworks, readNodes, readStorages, withPromises } from './site.ts'

/** What looks for a place. */
export interface Wish {
  readonly placement: Placement
  readonly disks: MachineSpec['disks']
  readonly nics: readonly NicSpec[]
  readonly medium?: string
  /** Nodes that it can be on at all. */
  readonly nodes?: readonly string[]
}

/** Where it goes. */
export interface Place {
  readonly node: string
  readonly pool?: string
  /** Of each disk, in order. */
  readonly storages: readonly SiteStorage[]
  /** For what belongs to the machine and is no disk of its own. */
  readonly main: SiteStorage
}

/** Tries node after node, the one with the most memory free first. Throws everything that is wrong with the best one. */
export async function findPlace(
  pve: PveCall,
  wish: Wish,
  options: ProxmoxOptions,
  before: readonly InputProblem[],
): Promise<Place> {
  const nodes = await readNodes(pve)
  const pool = wish.placement.resourcePool ?? options.pool
  const general = [...before, ...(await placementProblems(pve, wish.placement, nodes, pool))]
  const wanted = wish.placement.host ?? options.node
  const fitting = nodes
    .filter(({ name, online }) => online && (wanted === undefined || name === wanted))
    .filter(({ name }) => wish.nodes?.includes(name) ?? true)
    .toSorted((a, b) => b.memoryMiB - b.usedMiB - (a.memoryMiB - a.usedMiB))
  // A host that is wrong has been said; the rest is then held against any that is there.
  const candidates = fitting.length > 0 || general.length === 0 ? fitting : nodes.filter(({ online }) => online).slice(0, 1)
  let first: unknown
  for (const { name } of candidates) {
    try {
      return { ...(await placeOn(pve, name, wish, general)), ...(pool !== undefined && { pool }) }
    } catch (error) {
      first ??= error
    }
  }
  throw first ?? invalidInput([{ field: 'placement.host', problem: 'no node is online that could take it' }])
}

async function placementProblems(
  pve: PveCall,
  { datacenter, folder, host }: Placement,
  nodes: readonly SiteNode[],
  pool: string | undefined,
): Promise<InputProblem[]> {
  const problems: InputProblem[] = []
  if (datacenter !== undefined) {
    problems.push({ field: 'placement.datacenter', problem: 'Proxmox VE has no datacenters', hint: 'leave it out' })
  }
  if (folder !== undefined) {
    problems.push({ field: 'placement.folder', problem: 'Proxmox VE has no folders', hint: 'use resourcePool' })
  }
  const node = nodes.find(({ name }) => name === host)
  if (host !== undefined && !node?.online) {
    const hint = `online: ${nodes.flatMap(({ name, online }) => (online ? [name] : [])).join(', ')}`
    problems.push({ field: 'placement.host', problem: node ? `${host} is offline` : `there is no node ${host}`, hint })
  }
  if (pool !== undefined) {
    const pools = records(await pve.get('/pools')).map((line) => text(line['poolid']))
    if (!pools.includes(pool)) problems.push({ field: 'placement.resourcePool', problem: `there is no pool ${pool}` })
  }
  return problems
}

async function placeOn(
  pve: PveCall,
  node: string,
  { placement, disks, nics, medium }: Wish,
  before: readonly InputProblem[],
): Promise<Omit<Place, 'pool'>> {
  const problems = [...before]
  const [storages, networks] = await Promise.all([readStorages(pve, node), nics.length > 0 ? readNetworks(pve, node) : []])
  const names = networks.map(({ name }) => name)
  nics.forEach(({ network }, index) => {
    if (names.includes(network)) return
    const hint = names.length > 0 ? `there: ${names.join(', ')}` : 'the credentials see none: SDN.Use on /sdn/zones'
    problems.push({ field: `nics[${index}].network`, problem: `${node} has no network ${network}`, hint })
  })
  const choose = (name: string | undefined, field: string): SiteStorage | undefined => {
    const usable = storages.filter((storage) => storage.active && storage.content.includes('images'))
    const found =
      name === undefined
        ? usable.toSorted((a, b) => b.freeMiB - a.freeMiB)[0]
        : usable.find((storage) => storage.name === name)
    if (found) return found
    const there = storages.find((storage) => storage.name === name)
    const problem = there
      ? `${name} on ${node} ${there.active ? 'does not hold disks' : 'is not active'}`
      : `${node} has no datastore ${name ?? 'for disks'}`
    problems.push({
      field,
      problem,
      hint: `for disks: ${usable.map((each) => each.name).join(', ') || 'none that is seen'}`,
    })
    return undefined
  }
  const main = choose(placement.datastore, 'placement.datastore')
  const chosen = disks.map(({ datastore, provisioning }, index) => {
    const storage = datastore === undefined ? main : choose(datastore, `disks[${index}].datastore`)
    if (storage && !formatFor(storage.type, provisioning)) {
      const problem = `${storage.name} (${storage.type}) has no ${provisioning} disks`
      problems.push({ field: `disks[${index}].provisioning`, problem, hint: 'choose the other kind, or another datastore' })
    }
    return storage
  })
  if (medium !== undefined && problems.length === 0) await checkMedium(pve, node, medium, storages, problems)
  if (problems.length > 0 || !main) throw invalidInput(problems)
  const places = chosen.map((storage) => storage ?? main)
  await checkRoom(pve, disks, places)
  return { node, main, storages: places }
}

async function checkMedium(
  pve: PveCall,
  node: string,
  medium: string,
  storages: readonly SiteStorage[],
  problems: InputProblem[],
): Promise<void> {
  if (await mediumOn(pve, node, medium, storages)) return
  problems.push({ field: 'medium', problem: `${node} has no medium ${medium}`, hint: 'upload it first' })
}

/** Whether a node sees that image. */
export async function mediumOn(
  pve: PveCall,
  node: string,
  medium: string,
  storages: readonly SiteStorage[],
): Promise<boolean> {
  const storage = medium.slice(0, Math.max(0, medium.indexOf(':')))
  if (!storages.some(({ name, active }) => name === storage && active)) return false
  const at = { node, storage }
  const list = records(await pve.get('/nodes/{node}/storage/{storage}/content', at, { content: 'iso' }))
  return list.some(({ volid }) => volid === medium)
}

/** Thick disks must fit when they are promised; of thin ones nobody knows what they will hold. */
async function checkRoom(pve: PveCall, disks: MachineSpec['disks'], places: readonly SiteStorage[]): Promise<void> {
  const asked = new Map<SiteStorage, number>()
  disks.forEach(({ provisioning, sizeMiB }, index) => {
    const storage = places[index]
    if (storage && provisioning === 'thick') asked.set(storage, (asked.get(storage) ?? 0) + sizeMiB)
  })
  for (const [storage, askedMiB] of asked) await requireRoom(pve, storage, askedMiB)
}

/** Throws `DATASTORE_FULL`. */
export async function requireRoom(pve: PveCall, storage: SiteStorage, askedMiB: number): Promise<void> {
  const { name: datastore, freeMiB } = await withPromises(pve, storage)
  if (askedMiB <= freeMiB) return
  throw new VirtkitError('DATASTORE_FULL', `${datastore} has ${freeMiB} MiB free, ${askedMiB} MiB are asked for.`, {
    details: { datastore, freeMiB, askedMiB },
    hint: 'Choose another datastore, or thin disks.',
  })
}
