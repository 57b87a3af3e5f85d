import { failed } from '../api-error.ts'
import { type Machine, type MachineConfig, diskKey, isCdrom, netKey, newMac, unusedKey } from './machine.ts'
import { parsePropertyString, parseSize, renderPropertyString, renderSize } from './property-string.ts'
import { type Storages, type Volume, isFileStorage } from './storages.ts'

/** Where a new disk is to come from, when a value asks for one. */
export interface NewDisk {
  readonly storage: string
  readonly bytes: number
  readonly format: string | undefined
}

const allocation = /^([a-z][\w.-]*):(\d+(?:\.\d+)?)$/i

/** `local:4` asks for a disk of 4 GiB; `local:cloudinit` is not one of these. */
export function newDiskOf(value: string): NewDisk | undefined {
  const { head, options } = parsePropertyString(value, 'file')
  const [, storage, gib] = allocation.exec(head) ?? []
  if (storage === undefined) return undefined
  return { storage, bytes: Math.ceil(Number(gib) * 2 ** 30), format: options.get('format') }
}

/** The storage that a drive's value names, and whether it is to be allocated there. */
export function storageOf(value: string): string | undefined {
  const { head } = parsePropertyString(value, 'file')
  return head.includes(':') ? head.slice(0, head.indexOf(':')) : undefined
}

/** Makes or finds the volume of a drive. Answers the value that goes into the file, and what a task would log. */
export function settleDrive(
  storages: Storages,
  { vmid, node }: Pick<Machine, 'vmid' | 'node'>,
  key: string,
  value: string,
): { value: string; log: string[]; made?: Volume } {
  const { head, options } = parsePropertyString(value, 'file')
  if (head === 'none' || head === 'cdrom') return { value: renderPropertyString({ head, options }), log: [] }
  const wanted = newDiskOf(value)
  if (wanted) {
    const made = storages.allocate({ vmid, node, size: wanted.bytes, storage: wanted.storage, ...format(wanted.format) })
    const rest = new Map([...options].filter(([name]) => name !== 'format'))
    const settled = renderPropertyString({ head: made.volid, options: rest.set('size', renderSize(made.size)) })
    return { value: settled, log: [...formatting(storages, made), `${key}: successfully created disk '${settled}'`], made }
  }
  if (head.endsWith(':cloudinit')) {
    const storage = head.slice(0, -':cloudinit'.length)
    const made = storages.allocate({
      vmid,
      node,
      size: 4 * 2 ** 20,
      kind: 'cloudinit',
      storage,
      ...format(options.get('format')),
    })
    return {
      value: renderPropertyString({ head: made.volid, options: new Map([['media', 'cdrom']]) }),
      log: formatting(storages, made),
      made,
    }
  }
  const storage = storageOf(value)
  if (storage === undefined) throw failed(`unable to parse volume ID '${head}'`)
  storages.get(storage, node)
  const volume = storages.find(head, node)
  if (!volume) throw failed(`volume '${head}' does not exist`)
  const sized = new Map([...options].filter(([name]) => name !== 'format')).set('size', renderSize(volume.size))
  return { value: renderPropertyString({ head, options: sized }), log: [] }
}

/** What the format tool prints. */
export function formatting(storages: Storages, { volid, format: kind, size, storage: name }: Volume): string[] {
  const storage = storages.get(name)
  if (!isFileStorage(storage)) return [`  Logical volume "${volid.slice(volid.indexOf(':') + 1)}" created.`]
  const path = `${storage.path ?? `/mnt/pve/${name}`}/images/${volid
    .slice(volid.indexOf(':') + 1)
    .split('/')
    .slice(-2)
    .join('/')}`
  const how =
    kind === 'qcow2'
      ? `cluster_size=65536 extended_l2=off preallocation=metadata compression_type=zlib size=${size} lazy_refcounts=off refcount_bits=16`
      : `size=${size} preallocation=off`
  return [`Formatting '${path}', fmt=${kind} ${how}`]
}

/** A card without an address is given one; the model stands first. */
export function settleNet(value: string, mac: () => string = newMac): string {
  const { head, options } = parsePropertyString(value, 'model')
  const rest = new Map(options)
  const model = head || [...rest.keys()].find((name) => netModels.has(name)) || 'virtio'
  const address = (rest.get(model) ?? rest.get('macaddr') ?? mac()).toUpperCase()
  rest.delete(model)
  rest.delete('macaddr')
  return renderPropertyString({ head: `${model}=${address}`, options: rest })
}

export const netModels: ReadonlySet<string> = new Set(['virtio', 'e1000', 'e1000e', 'vmxnet3', 'rtl8139', 'ne2k_pci'])

export interface NetCard {
  readonly key: string
  readonly mac: string
  readonly bridge: string | undefined
  readonly tag: string | undefined
}

export function netCards(config: MachineConfig): NetCard[] {
  return [...config]
    .filter(([key]) => netKey.test(key))
    .toSorted(([a], [b]) => Number(a.slice(3)) - Number(b.slice(3)))
    .map(([key, value]) => {
      const { options } = parsePropertyString(settleNet(value), 'model')
      const mac = /^\w+=([0-9A-F:]{17})/.exec(value)?.[1] ?? ''
      return { key, mac, bridge: options.get('bridge'), tag: options.get('tag') }
    })
}

export interface Drive {
  readonly key: string
  readonly volid: string
  readonly bytes: number
}

/** Disks that hold something of the machine's own: no media, nothing unused. */
export function drivesOf(config: MachineConfig): Drive[] {
  return [...config]
    .filter(([key, value]) => diskKey.test(key) && !isCdrom(value))
    .map(([key, value]) => {
      const { head, options } = parsePropertyString(value, 'file')
      return { key, volid: head, bytes: parseSize(options.get('size') ?? '0') ?? 0 }
    })
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
}

/** Every volume that the machine owns: disks of now and of its snapshots, unused ones, saved memory. */
export function volumesOf(machine: Machine): Set<string> {
  const owned = new Set<string>()
  const configs = [machine.config, ...[...machine.snapshots.values()].map(({ config }) => config)]
  for (const config of configs) {
    for (const { volid } of drivesOf(config)) owned.add(volid)
    for (const [key, value] of config) if (unusedKey.test(key)) owned.add(value)
    for (const [key, value] of config)
      if (diskKey.test(key) && value.includes('cloudinit')) owned.add(value.split(',')[0] ?? '')
  }
  for (const { vmstate } of machine.snapshots.values()) if (vmstate !== undefined) owned.add(vmstate)
  owned.delete('none')
  return owned
}

/** A disk that is taken off its bus stays with the machine until its `unusedN` is deleted. */
export function putAside(config: MachineConfig, volid: string): void {
  let number = 0
  while (config.has(`unused${number}`)) number += 1
  config.set(`unused${number}`, volid)
}

export function resizedDrive(value: string, bytes: number): string {
  const { head, options } = parsePropertyString(value, 'file')
  return renderPropertyString({ head, options: new Map(options).set('size', renderSize(bytes)) })
}

function format(wanted: string | undefined): { format?: string } {
  return wanted === undefined ? {} : { format: wanted }
}
