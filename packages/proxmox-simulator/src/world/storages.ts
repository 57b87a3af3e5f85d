import { failed } from '../api-error.ts'

export interface Volume {
  readonly volid: string
  readonly storage: string
  /** Absent on a shared storage: it is on every node. */
  readonly node?: string
  readonly content: 'images' | 'iso' | 'vztmpl' | 'import' | 'snippets' | 'backup'
  readonly format: string
  readonly vmid?: number
  /** The volume that a linked clone stands on. */
  readonly base?: string
  readonly ctime: number
  /** What was uploaded, where the simulator keeps that (`keepUploads`). */
  readonly uploaded?: Buffer
  size: number
  used: number
}

export interface Storage {
  readonly storage: string
  readonly type: string
  readonly path?: string
  readonly shared: boolean
  /** On which nodes; absent means all. */
  nodes?: readonly string[]
  content: readonly string[]
  enabled: boolean
  readonly totalBytes: number
  /** What others than our volumes take. */
  readonly otherBytes: number
}

const imageFormats = ['raw', 'qcow2', 'vmdk'] as const
const fileTypes = new Set(['dir', 'nfs', 'cifs', 'btrfs', 'cephfs'])
const thinTypes = new Set([...fileTypes, 'lvmthin', 'rbd', 'zfspool'])

export const isFileStorage = ({ type }: Storage): boolean => fileTypes.has(type)

/** Storages and what lies on them. */
export interface Storages {
  readonly all: Map<string, Storage>
  readonly volumes: Map<string, Volume>
  /** Throws what the original says when a storage is not there, or not on that node. */
  get(storage: string, node?: string): Storage
  find(volid: string, node: string): Volume | undefined
  list(storage: string, node: string): Volume[]
  usedBytes(storage: string, node: string): number
  /** Takes a new disk; `size` in bytes. Throws when it does not fit. */
  allocate(wish: DiskWish): Volume
  add(volume: Volume): void
  /** Takes it away from that node, or from everywhere when its storage is shared. */
  remove(volid: string, node: string): void
}

export interface DiskWish {
  readonly storage: string
  readonly node: string
  readonly vmid: number
  readonly size: number
  readonly format?: string
  readonly kind?: 'disk' | 'base' | 'cloudinit' | `state-${string}`
  readonly base?: string
  readonly name?: string
}

export function createStorages(now: () => number): Storages {
  const all = new Map<string, Storage>()
  const volumes = new Map<string, Volume>()
  const at = (volume: Volume, node: string): boolean => volume.node === undefined || volume.node === node
  const keyOf = (volid: string, node: string | undefined): string => `${node ?? '*'} ${volid}`

  const storages: Storages = {
    all,
    volumes,
    get: (name, node) => {
      const storage = all.get(name)
      if (!storage) throw failed(`storage '${name}' does not exist`)
      if (!storage.enabled) throw failed(`storage '${name}' is disabled`)
      if (node !== undefined && storage.nodes && !storage.nodes.includes(node)) {
        throw failed(`storage '${name}' is not available on node '${node}'`)
      }
      return storage
    },
    find: (volid, node) => volumes.get(keyOf(volid, undefined)) ?? volumes.get(keyOf(volid, node)),
    list: (storage, node) => [...volumes.values()].filter((volume) => volume.storage === storage && at(volume, node)),
    usedBytes: (name, node) => {
      const other = all.get(name)?.otherBytes ?? 0
      return storages.list(name, node).reduce((sum, { used }) => sum + used, other)
    },
    allocate: (wish) => {
      const storage = storages.get(wish.storage, wish.node)
      if (!storage.content.includes('images')) {
        throw failed(`storage '${wish.storage}' does not support content-type 'images'`)
      }
      const format = formatFor(storage, wish.format)
      const used = thinTypes.has(storage.type) ? (wish.kind?.startsWith('state-') ? 4096 : 331_776) : wish.size
      if (storages.usedBytes(wish.storage, wish.node) + used > storage.totalBytes) {
        throw failed(`unable to allocate image on storage '${wish.storage}' - No space left on device`)
      }
      const name = wish.name ?? freeName(storages, storage, wish)
      const file = isFileStorage(storage) ? `${wish.vmid}/${name}.${format}` : name
      const volume: Volume = {
        volid: `${wish.storage}:${wish.base === undefined ? '' : `${wish.base.slice(wish.base.indexOf(':') + 1)}/`}${file}`,
        storage: wish.storage,
        ...(storage.shared ? {} : { node: wish.node }),
        ...(wish.base !== undefined && { base: wish.base }),
        content: 'images',
        format,
        vmid: wish.vmid,
        ctime: now(),
        size: wish.size,
        used,
      }
      storages.add(volume)
      return volume
    },
    add: (volume) => void volumes.set(keyOf(volume.volid, volume.node), volume),
    remove: (volid, node) => {
      for (const place of [undefined, node]) volumes.delete(keyOf(volid, place))
    },
  }
  return storages
}

/** What a storage takes: files any of the formats, everything else raw. */
export function formatFor(storage: Storage, wanted: string | undefined): string {
  if (!isFileStorage(storage)) return 'raw'
  const format = wanted ?? 'raw'
  if (!imageFormats.some((known) => known === format)) throw failed(`unknown format '${format}'`)
  return format
}

function freeName(storages: Storages, storage: Storage, { vmid, kind = 'disk', node }: DiskWish): string {
  if (kind.startsWith('state-') || kind === 'cloudinit') return `vm-${vmid}-${kind}`
  const taken = new Set(
    storages
      .list(storage.storage, node)
      .flatMap(({ volid, vmid: owner }) => (owner === vmid ? [/-disk-(\d+)/.exec(volid)?.[1]] : [])),
  )
  let number = 0
  while (taken.has(String(number))) number += 1
  return `${kind === 'base' ? 'base' : 'vm'}-${vmid}-disk-${number}`
}
