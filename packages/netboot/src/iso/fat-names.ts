/** One file's or folder's place in a FAT folder. */
export interface FatEntry {
  readonly name: string
  readonly isFolder: boolean
  readonly cluster: number
  readonly sizeBytes: number
}

const recordBytes = 32
// 1 January 2000, as everywhere on our media.
const date = (20 << 9) | (1 << 5) | 1

/** A folder's records; a name that is not `8.3` in capitals gets its long form before its short one (FAT specification 1.03, 7). */
export function folderRecords(entries: readonly FatEntry[]): Buffer {
  return Buffer.concat(entries.flatMap((entry, index) => recordsOf(entry, index)))
}

function recordsOf(entry: FatEntry, index: number): Buffer[] {
  if (entry.name === '.' || entry.name === '..') return [shortRecord(entry.name.padEnd(11), entry)]
  const [, stem = '', extension = ''] = /^([A-Z0-9_]{1,8})(?:\.([A-Z0-9_]{1,3}))?$/.exec(entry.name) ?? []
  if (stem !== '') return [shortRecord(stem.padEnd(8) + extension.padEnd(3), entry)]
  if (!/^[\w.-]{1,255}$/.test(entry.name)) throw new Error(`${entry.name} cannot stand in a FAT folder`)
  // Nothing but the long name is ever asked for; the short one has only to be another than its neighbours'.
  const short = `LONG~${index}`.padEnd(11)
  return [...longRecords(entry.name, short), shortRecord(short, entry)]
}

function shortRecord(name: string, { isFolder, cluster, sizeBytes }: FatEntry): Buffer {
  const record = Buffer.alloc(recordBytes)
  record.write(name, 'ascii')
  record[11] = isFolder ? 0x10 : 0x20
  for (const at of [16, 18, 24]) record.writeUInt16LE(date, at)
  record.writeUInt16LE(cluster, 26)
  record.writeUInt32LE(sizeBytes, 28)
  return record
}

/** Thirteen characters to a record, the last part first. */
function longRecords(name: string, short: string): Buffer[] {
  const parts = Math.ceil(name.length / 13)
  const sum = [...Buffer.from(short, 'ascii')].reduce((all, byte) => (((all & 1) << 7) + (all >> 1) + byte) & 0xff, 0)
  const places = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30]
  return Array.from({ length: parts }, (_, back) => {
    const part = parts - back
    const record = Buffer.alloc(recordBytes)
    record[0] = back === 0 ? part | 0x40 : part
    record[11] = 0x0f
    record[13] = sum
    places.forEach((place, at) => {
      const position = (part - 1) * 13 + at
      // The end is a zero; what lies behind it is all ones.
      const unit = position < name.length ? name.charCodeAt(position) : position === name.length ? 0 : 0xffff
      record.writeUInt16LE(unit, place)
    })
    return record
  })
}
