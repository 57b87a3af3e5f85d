import { inParallel } from '../client/in-parallel.ts'
import type { PveCall } from '../client/pve-call.ts'
import { isPveError } from '../client/pve-error.ts'
import { flag, number, records, text } from '../client/wire.ts'
import { holdsFiles } from '../machine/storage-kind.ts'

export interface SiteNode {
  readonly name: string
  readonly online: boolean
  readonly cpus: number
  readonly memoryMiB: number
  /** As it is used at the moment. */
  readonly usedMiB: number
}

/** A storage as one node sees it. */
export interface SiteStorage {
  readonly name: string
  readonly node: string
  readonly type: string
  readonly shared: boolean
  readonly active: boolean
  readonly capacityMiB: number
  readonly freeMiB: number
  readonly content: readonly string[]
}

export interface SiteNetwork {
  readonly name: string
  readonly kind: 'bridge' | 'virtual'
  readonly vlan?: number
}

const MiB = 2 ** 20
const toMiB = (bytes: unknown): number => Math.max(0, Math.floor((number(bytes) ?? 0) / MiB))

export async function readNodes(pve: PveCall): Promise<readonly SiteNode[]> {
  return records(await pve.get('/nodes'))
    .map((line) => ({
      name: text(line['node']) ?? '',
      online: line['status'] === 'online',
      // Who may not audit a node is told its name only.
      cpus: number(line['maxcpu']) ?? 1,
      memoryMiB: toMiB(line['maxmem']),
      usedMiB: toMiB(line['mem']),
    }))
    .filter(({ name }) => name !== '')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Storages of one node. Those that the credentials may not see are not in the answer, and nothing says so. */
export async function readStorages(pve: PveCall, node: string): Promise<readonly SiteStorage[]> {
  return records(await pve.get('/nodes/{node}/storage', { node }, { enabled: 1 }))
    .map((line) => ({
      name: text(line['storage']) ?? '',
      node,
      type: text(line['type']) ?? '',
      shared: flag(line['shared']),
      active: flag(line['active']),
      capacityMiB: toMiB(line['total']),
      freeMiB: toMiB(line['avail']),
      content: (text(line['content']) ?? '').split(',').filter((each) => each !== ''),
    }))
    .filter(({ name }) => name !== '')
}

/**
 * The storage with what thick disks have been promised taken off: their files grow as they are written, unless the storage is set to
 * preallocate. A list that cannot be had takes nothing off.
 */
export async function withPromises(pve: PveCall, storage: SiteStorage): Promise<SiteStorage> {
  if (!holdsFiles(storage.type) || !storage.active || !storage.content.includes('images')) return storage
  try {
    const at = { node: storage.node, storage: storage.name }
    const list = records(await pve.get('/nodes/{node}/storage/{storage}/content', at, { content: 'images' }))
    const promised = list
      .filter(({ format }) => format === 'raw')
      .reduce((sum, { size, used }) => sum + Math.max(0, (number(size) ?? 0) - (number(used) ?? number(size) ?? 0)), 0)
    return { ...storage, freeMiB: Math.max(0, storage.freeMiB - Math.ceil(promised / MiB)) }
  } catch (error) {
    if (isPveError(error) && ['unreachable', 'denied', 'refused'].includes(error.failure.kind)) return storage
    throw error
  }
}

export async function readNetworks(pve: PveCall, node: string): Promise<readonly SiteNetwork[]> {
  const vnets = new Map<string, number | undefined>()
  for (const line of records(await pve.get('/nodes/{node}/network', { node }, { type: 'any_bridge' }))) {
    const name = text(line['iface'])
    if (name !== undefined) vnets.set(name, undefined)
  }
  const virtual = await readVnets(pve)
  const bridges = [...vnets.keys()].filter((name) => !virtual.some((vnet) => vnet.name === name))
  return [...bridges.map((name) => ({ name, kind: 'bridge' as const })), ...virtual]
}

async function readVnets(pve: PveCall): Promise<readonly SiteNetwork[]> {
  try {
    return records(await pve.get('/cluster/sdn/vnets')).flatMap((line) => {
      const [name, tag] = [text(line['vnet']), number(line['tag'])]
      if (name === undefined) return []
      return [{ name, kind: 'virtual' as const, ...(tag !== undefined && tag <= 4095 && { vlan: tag }) }]
    })
  } catch (error) {
    // Software-defined networks are an extra that not every server has.
    if (isPveError(error) && ['denied', 'refused'].includes(error.failure.kind)) return []
    throw error
  }
}

/** What every node that is online says, for those that answer: one that has just gone is left out. */
export async function ofEveryNode<T>(
  nodes: readonly SiteNode[],
  read: (node: string) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const online = nodes.filter((node) => node.online)
  const answers = await inParallel(online, 4, async ({ name }) => {
    try {
      return { list: await read(name) }
    } catch (error) {
      if (isPveError(error, 'unreachable')) return { error }
      throw error
    }
  })
  const lists = answers.flatMap((answer) => answer.list ?? [])
  const silent = answers.find((answer) => answer.error)
  if (silent && answers.every((answer) => answer.error)) throw silent.error
  return lists
}
