import { numberAt, listAt, textAt, typeOf } from '../client/xml/xml-tree.ts'

/** Devices of a machine by kind, in the order in which the guest finds them. */
export interface Devices {
  readonly disks: readonly unknown[]
  readonly nics: readonly unknown[]
  readonly drive: unknown
}

const nicTypes = /^Virtual(Vmxnet|Vmxnet2|Vmxnet3|Vmxnet3Vrdma|E1000|E1000e|PCNet32|SriovEthernetCard)$/

export function devicesOf(list: unknown): Devices {
  const all = listAt(list)
  const bus = new Map(all.map((each) => [numberAt(each, 'key'), numberAt(each, 'busNumber') ?? 0]))
  const disks = all
    .filter((each) => typeOf(each) === 'VirtualDisk')
    .toSorted((a, b) => controllerPlace(a, bus) - controllerPlace(b, bus))
  const nics = all.filter((each) => nicTypes.test(typeOf(each) ?? '')).toSorted((a, b) => keyOf(a) - keyOf(b))
  const drives = all.filter((each) => typeOf(each) === 'VirtualCdrom').toSorted((a, b) => keyOf(a) - keyOf(b))
  return { disks, nics, drive: drives[0] }
}

export function keyOf(device: unknown): number {
  return numberAt(device, 'key') ?? 0
}

/** `[datastore] path` in its parts. */
export function parseDatastorePath(
  text: string | undefined,
): { readonly datastore: string; readonly path: string } | undefined {
  const [, datastore, path] = /^\[([^\]]+)\]\s*(.*)$/.exec(text ?? '') ?? []
  return datastore === undefined || path === undefined ? undefined : { datastore, path }
}

/** The image in a drive. */
export function isoOf(drive: unknown): string | undefined {
  const backing = (drive as { backing?: unknown } | undefined)?.backing
  return typeOf(backing) === 'VirtualCdromIsoBackingInfo' ? textAt(backing, 'fileName') : undefined
}

function controllerPlace(disk: unknown, bus: ReadonlyMap<number | undefined, number>): number {
  const controller = numberAt(disk, 'controllerKey')
  return (bus.get(controller) ?? 0) * 100_000 + (numberAt(disk, 'unitNumber') ?? 0) + (controller ?? 0) / 1_000_000
}
