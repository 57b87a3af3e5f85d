import type { Libvirt, Named } from '../client/libvirt.ts'
import { type XmlElement, find, parseXml } from '../client/xml.ts'

const MiB = 1024 ** 2

/** What one libvirt has, as it is when it is read. */
export interface Site {
  readonly host: string
  readonly memoryMiB: number
  readonly cpus: number
  readonly pools: readonly Pool[]
  readonly networks: readonly Network[]
}

export interface Pool extends Named {
  readonly type: string
  readonly isActive: boolean
  /** Its volumes are files, which QEMU's own format fits into. */
  readonly holdsFiles: boolean
  readonly path: string
  readonly capacityMiB: number
  readonly freeMiB: number
}

export interface Network {
  readonly name: string
  readonly kind: 'bridge' | 'virtual'
  readonly isUserMode: boolean
}

/** Reads it all. `refresh`: libvirt looks again at what is free. */
export async function readSite(libvirt: Libvirt, userNetwork?: string, refresh = false): Promise<Site> {
  const [host, { memoryKiB, cpus }, pools, networks] = await Promise.all([
    libvirt.hostname(),
    libvirt.nodeInfo(),
    readPools(libvirt, refresh),
    readNetworks(libvirt),
  ])
  const userMode = userNetwork === undefined ? [] : [{ name: userNetwork, kind: 'virtual' as const, isUserMode: true }]
  return { host, cpus, memoryMiB: Math.floor(memoryKiB / 1024), pools, networks: [...networks, ...userMode] }
}

export async function readPools(libvirt: Libvirt, refresh = false): Promise<readonly Pool[]> {
  return Promise.all((await libvirt.pools()).map((pool) => readPool(libvirt, pool, refresh)))
}

async function readPool(libvirt: Libvirt, named: Named, refresh: boolean): Promise<Pool> {
  // While a volume is being written libvirt refuses to look again; what it last saw is near enough.
  if (refresh) await libvirt.refreshPool(named).catch(() => undefined)
  const [text, info] = await Promise.all([libvirt.poolXml(named), libvirt.poolInfo(named)])
  const pool = parseXml(text)
  const type = pool.attributes['type'] ?? 'unknown'
  return {
    name: named.name,
    uuid: named.uuid,
    type,
    isActive: info.state === 2,
    holdsFiles: ['dir', 'fs', 'netfs'].includes(type),
    path: find(pool, 'target', 'path')?.text.trim() ?? '',
    capacityMiB: Math.floor(info.capacity / MiB),
    freeMiB: Math.floor(info.available / MiB),
  }
}

async function readNetworks(libvirt: Libvirt): Promise<readonly Network[]> {
  const found = await Promise.all(
    (await libvirt.networks()).map(async (network) => parseXml(await libvirt.networkXml(network))),
  )
  return found.map((network: XmlElement) => ({
    name: find(network, 'name')?.text ?? '',
    kind: find(network, 'forward')?.attributes['mode'] === 'bridge' ? 'bridge' : 'virtual',
    isUserMode: false,
  }))
}

/** Pools that disks and media can go to. */
export function usablePools(site: Pick<Site, 'pools'>): readonly Pool[] {
  return site.pools.filter((pool) => pool.isActive && pool.holdsFiles)
}

/** Where things go when nobody says where: the pool with the most room. */
export function defaultPool(site: Pick<Site, 'pools'>): Pool | undefined {
  return usablePools(site).toSorted((a, b) => b.freeMiB - a.freeMiB || (a.name < b.name ? -1 : 1))[0]
}

export function poolAt(pools: readonly Pool[], file: string): Pool | undefined {
  const folder = file.slice(0, file.lastIndexOf('/'))
  return pools.find((pool) => pool.path !== '' && pool.path.replace(/\/+$/, '') === folder)
}
