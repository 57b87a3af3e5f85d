import { createHash } from 'node:crypto'
import { type MachineEvent, VirtkitError } from '@virtkit/spi'

/** Four bytes of what a machine looked like, as hexadecimal digits. */
export type Sight = string

/** What all machines looked like, by ref. */
export type Picture = ReadonlyMap<string, Sight>

const prefix = 'libvirt1.'
const entryBytes = 20

export function fingerprint(text: string): Sight {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

/**
 * libvirt keeps no history. So a cursor is the picture itself, twenty bytes a machine: whoever comes back with it is told what is
 * different now, from whatever session and whatever process.
 */
export function writeCursor(picture: Picture): string {
  const bytes = Buffer.from([...picture].map(([ref, sight]) => ref.replaceAll('-', '') + sight).join(''), 'hex')
  return `${prefix}${bytes.toString('base64url')}.${fingerprint(bytes.toString('hex'))}`
}

/** Throws `CONFLICT` for what `writeCursor` has not written. */
export function readCursor(cursor: string): Map<string, Sight> {
  const [, text, check] = /^libvirt1\.([\w-]*)\.([0-9a-f]{8})$/.exec(cursor) ?? []
  const bytes = Buffer.from(text ?? '', 'base64url')
  const hex = bytes.toString('hex')
  if (text === undefined || bytes.length % entryBytes !== 0 || fingerprint(hex) !== check) {
    throw new VirtkitError('CONFLICT', 'This cursor is none that this driver gave.', {
      details: { field: 'since' },
      hint: 'Read the whole inventory and watch without a cursor.',
    })
  }
  const entries = Array.from({ length: bytes.length / entryBytes }, (_, i) => hex.slice(i * 40, i * 40 + 40))
  return new Map(entries.map((entry) => [refOf(entry.slice(0, 32)), entry.slice(32)]))
}

/** What happened between two pictures. A machine that is gone has changed before, for all that anybody knows. */
export function differences(before: Picture, now: Picture): readonly Pick<MachineEvent, 'kind' | 'ref'>[] {
  const gone = [...before.keys()].filter((ref) => !now.has(ref))
  const come = [...now.keys()].filter((ref) => !before.has(ref))
  const changed = [...now].filter(([ref, sight]) => before.has(ref) && before.get(ref) !== sight).map(([ref]) => ref)
  return [
    ...gone.flatMap((ref) => [
      { kind: 'changed' as const, ref },
      { kind: 'vanished' as const, ref },
    ]),
    ...changed.map((ref) => ({ kind: 'changed' as const, ref })),
    ...come.map((ref) => ({ kind: 'appeared' as const, ref })),
  ]
}

function refOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
