import type { Storage, Volume } from '../world/storages.ts'
import { isFileStorage } from '../world/storages.ts'
import type { World } from '../world/world.ts'

export function storageNumbers(
  world: World,
  { storage, totalBytes }: Storage,
  node: string,
): { total: number; used: number; avail: number } {
  const used = world.storages.usedBytes(storage, node)
  return { total: totalBytes, used, avail: Math.max(0, totalBytes - used) }
}

/** `/nodes/{node}/storage/{storage}/status`. */
export function storageStatus(world: World, storage: Storage, node: string): Record<string, unknown> {
  return {
    type: storage.type,
    content: storage.content.join(','),
    shared: storage.shared ? 1 : 0,
    enabled: storage.enabled ? 1 : 0,
    active: storage.enabled ? 1 : 0,
    ...storageNumbers(world, storage, node),
  }
}

/** One line of `/nodes/{node}/storage`. */
export function storageLine(world: World, storage: Storage, node: string, withFormat: boolean): Record<string, unknown> {
  const { total, used } = storageNumbers(world, storage, node)
  const formats = isFileStorage(storage) ? ['qcow2', 'raw', 'subvol', 'vmdk'] : ['raw', 'subvol']
  return {
    storage: storage.storage,
    ...storageStatus(world, storage, node),
    used_fraction: total === 0 ? 0 : used / total,
    ...(withFormat && { format: [Object.fromEntries(formats.map((name) => [name, 1])), 'raw'] }),
    ...(withFormat && world.release === '9.2' && { formats: { default: 'raw', supported: formats } }),
  }
}

/** One line of `/nodes/{node}/storage/{storage}/content`. */
export function volumeLine({ volid, size, used, format, ctime, content, vmid, base }: Volume): Record<string, unknown> {
  const line = { volid, size, format, ctime, content }
  if (content !== 'images') return line
  return { ...line, used, vmid, parent: base === undefined ? null : base.slice(base.indexOf(':') + 1) }
}
