import { createHash } from 'node:crypto'
import { type XmlElement, type XmlFragment, find, xml } from '../client/xml.ts'

/** What we keep in a domain's own metadata: libvirt carries it through every change. */
export interface MachineMark {
  /** The ownership mark; a machine without one is not ours, whatever else is here. */
  readonly key?: string
  /** Any text; libvirt's own names are unique and plain. */
  readonly name: string
  readonly guestOs?: string
  readonly isTemplate: boolean
  /** Being made: its disks are not all there. */
  readonly isIncomplete: boolean
  readonly disks: readonly MarkedDisk[]
}

export interface MarkedDisk {
  readonly sizeMiB: number
  readonly provisioning: 'thin' | 'thick'
}

export const markUri = 'urn:virtkit:libvirt:1'
export const markPrefix = 'virtkit'

/** As libvirt takes it for `setMetadata`. */
export function renderMark(mark: MachineMark): XmlFragment {
  return xml('machine', attributesOf(mark))
}

/** As it stands in a domain's description. */
export function renderMarkInDomain(mark: MachineMark): XmlFragment {
  return xml(`${markPrefix}:machine`, { [`xmlns:${markPrefix}`]: markUri, ...attributesOf(mark) })
}

/** What is marked in a domain; of one that never was, its name. */
export function readMark(domain: XmlElement): MachineMark {
  const element = markElement(domain)
  const { key, name, guestOs, template, incomplete, disks } = element?.attributes ?? {}
  return {
    ...(key !== undefined && { key }),
    ...(guestOs !== undefined && { guestOs }),
    name: name ?? find(domain, 'name')?.text ?? '',
    isTemplate: template === 'yes',
    isIncomplete: incomplete === 'yes',
    disks: (disks ?? '').split(',').flatMap(readDisk),
  }
}

export function markElement(domain: XmlElement): XmlElement | undefined {
  return find(domain, 'metadata')?.children.find(({ name, attributes }) => {
    const [prefix, local] = name.includes(':') ? name.split(':') : ['', name]
    return local === 'machine' && attributes[prefix === '' ? 'xmlns' : `xmlns:${prefix}`] === markUri
  })
}

/**
 * The UUID of the machine made with a key: libvirt holds UUIDs unique, so that two processes with one key cannot make two machines.
 * `attempt` counts up where that UUID is taken by a machine that does not carry the key any more.
 */
export function uuidFor(key: string, attempt: number): string {
  const bytes = createHash('sha256').update(`virtkit:${attempt}:${key}`).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function attributesOf(mark: MachineMark): Record<string, string | undefined> {
  return {
    key: mark.key,
    name: mark.name,
    guestOs: mark.guestOs,
    template: mark.isTemplate ? 'yes' : undefined,
    incomplete: mark.isIncomplete ? 'yes' : undefined,
    disks: mark.disks.map((disk) => `${disk.sizeMiB}:${disk.provisioning}`).join(','),
  }
}

function readDisk(text: string): readonly MarkedDisk[] {
  const [, size, provisioning] = /^(\d+):(thin|thick)$/.exec(text) ?? []
  return size === undefined ? [] : [{ sizeMiB: Number(size), provisioning: provisioning as 'thin' | 'thick' }]
}
