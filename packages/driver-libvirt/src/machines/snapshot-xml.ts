import type { SnapshotInfo, SnapshotRequest } from '@virtkit/spi'
import { type XmlElement, find, parseXml, renderElement, xml } from '../client/xml.ts'
import { type HardwareChange, changeHardware } from './domain-xml.ts'

/**
 * libvirt's names of snapshots are unique and plain, and its descriptions are XML text, which cannot hold every character. So name and
 * description of ours stand in its description, as JSON.
 */
interface Words {
  readonly name: string
  readonly description: string
}

export function renderSnapshot(id: string, { name, description }: SnapshotRequest): string {
  return xml('domainsnapshot', {}, xml('name', {}, id), xml('description', {}, wordsText({ name, description }))).toString()
}

export function readSnapshotInfo(text: string): SnapshotInfo {
  const snapshot = parseXml(text)
  const id = find(snapshot, 'name')?.text ?? ''
  const parent = find(snapshot, 'parent', 'name')?.text
  return {
    id,
    ...readWords(id, find(snapshot, 'description')?.text ?? ''),
    ...(parent !== undefined && { parent }),
    createdAt: Number(find(snapshot, 'creationTime')?.text ?? 0) * 1000,
    memory: keepsMemory(snapshot),
  }
}

/** Of a machine that ran: reverting to it makes the machine run. */
function keepsMemory(snapshot: XmlElement): boolean {
  return ['running', 'paused'].includes(find(snapshot, 'state')?.text.trim() ?? '')
}

/** The description for `redefine`, with other words. */
export function renameSnapshot(text: string, change: { name?: string; description?: string }): string {
  const snapshot = parseXml(text)
  const id = find(snapshot, 'name')?.text ?? ''
  const { name, description } = { ...readWords(id, find(snapshot, 'description')?.text ?? ''), ...change }
  const words = parseXml(xml('description', {}, wordsText({ name, description })).toString())
  const others = snapshot.children.filter((child) => child.name !== 'description')
  return rendered({ ...snapshot, children: [...others, words] })
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

/** The description for `redefine`, with other hardware. */
export function changeSnapshotHardware(text: string, change: HardwareChange, userNetwork?: string): string {
  const snapshot = parseXml(text)
  const children = snapshot.children.map((child) =>
    child.name === 'domain' || child.name === 'inactiveDomain' ? changeHardware(child, change, userNetwork) : child,
  )
  return rendered({ ...snapshot, children })
}

function rendered(snapshot: XmlElement): string {
  return renderElement(snapshot).toString()
}

function wordsText({ name, description }: Words): string {
  return JSON.stringify({ virtkit: 1, name, description })
}

function readWords(id: string, text: string): Words {
  try {
    const words = JSON.parse(text) as Partial<Words> & { virtkit?: number }
    if (words.virtkit === 1) return { name: String(words.name), description: String(words.description) }
  } catch {
    // Somebody else's: a plain text.
  }
  return { name: id, description: text }
}
