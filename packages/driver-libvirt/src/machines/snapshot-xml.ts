import type { SnapshotInfo, SnapshotRequest } from '@virtkit/spi'
import { type XmlElement, find, parseXml, renderElement, xml } from '../client/xml.ts'
import type { HardwareChange } from './domain-xml.ts'

/**
 * libvirt's names of snapshots are unique and plain, and its descriptions are XML text, which cannot hold every character. So what we say
 * of a snapshot stands in its description, as JSON.
 */
interface Words {
  readonly name: string
  readonly description: string
  /** What the machine gets when it is reverted to this snapshot, instead of the hardware of then. */
  readonly hardware?: HardwareChange
}

export function renderSnapshot(id: string, { name, description }: SnapshotRequest): string {
  return xml('domainsnapshot', {}, xml('name', {}, id), xml('description', {}, wordsText({ name, description }))).toString()
}

export function readSnapshotInfo(text: string): SnapshotInfo {
  const snapshot = parseXml(text)
  const { name, description } = readWords(snapshot)
  const parent = find(snapshot, 'parent', 'name')?.text
  return {
    id: find(snapshot, 'name')?.text ?? '',
    name,
    description,
    ...(parent !== undefined && { parent }),
    createdAt: Number(find(snapshot, 'creationTime')?.text ?? 0) * 1000,
    memory: keepsMemory(snapshot),
  }
}

export function hardwareOfSnapshot(text: string): HardwareChange | undefined {
  return readWords(parseXml(text)).hardware
}

/** Of a machine that ran: reverting to it makes the machine run. */
function keepsMemory(snapshot: XmlElement): boolean {
  return ['running', 'paused'].includes(find(snapshot, 'state')?.text.trim() ?? '')
}

/** The description for `redefine`, with other words; what is left out stays. */
export function rewordSnapshot(text: string, change: Partial<Words>): string {
  const snapshot = parseXml(text)
  const words = { ...readWords(snapshot), ...change }
  const description = parseXml(xml('description', {}, wordsText(words)).toString())
  const others = snapshot.children.filter((child) => child.name !== 'description')
  return rendered({ ...snapshot, children: [...others, description] })
}

/** The description for `redefine`, of a snapshot that was taken while the machine ran and whose memory nobody wants. */
export function forgetMemory(text: string): string {
  const snapshot = parseXml(text)
  const children = snapshot.children.flatMap((child): readonly XmlElement[] => {
    if (child.name === 'state') return [{ ...child, text: 'shutoff', children: [] }]
    if (child.name === 'memory') return [{ ...child, attributes: { snapshot: 'no' } }]
    // Those of the running guest; its lasting description is in `inactiveDomain`, where there is one.
    if (child.name === 'cookie') return []
    return [child]
  })
  const lasting = children.find((child) => child.name === 'inactiveDomain')
  const described = lasting
    ? children.flatMap((child) => {
        if (child.name === 'inactiveDomain') return []
        return child.name === 'domain' ? [{ ...lasting, name: 'domain' }] : [child]
      })
    : children
  return rendered({ ...snapshot, children: described })
}

function rendered(snapshot: XmlElement): string {
  return renderElement(snapshot).toString()
}

function wordsText({ name, description, hardware }: Words): string {
  return JSON.stringify({ virtkit: 1, name, description, hardware })
}

function readWords(snapshot: XmlElement): Words {
  const text = find(snapshot, 'description')?.text ?? ''
  try {
    const { virtkit, name, description, hardware } = JSON.parse(text) as Partial<Words> & { virtkit?: number }
    if (virtkit === 1) return { name: String(name), description: String(description), ...(hardware && { hardware }) }
  } catch {
    // Somebody else's: a plain text.
  }
  return { name: find(snapshot, 'name')?.text ?? '', description: text }
}
