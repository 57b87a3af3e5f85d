import { type BootEntry, bootCatalog, bootRecord, patchBootInfo } from './el-torito.ts'
import { type IsoFile, type PlacedFile, placeFiles, sectorBytes, sectorsOf } from './iso-files.ts'

export interface IsoImage {
  readonly volumeId: string
  readonly files: readonly IsoFile[]
  /** Names of files that a firmware starts. At least one. */
  readonly boot: readonly BootEntry[]
}

// ECMA-119, 6.2.1: the first sixteen sectors belong to the system; then the volume descriptors.
const layout = { primary: 16, boot: 17, terminator: 18, catalog: 19, pathTableLe: 20, pathTableBe: 21, root: 22, files: 23 }
const pathTableBytes = 10

/** An image that is put together piece by piece as it is read: what it holds is not copied. */
export interface IsoPieces {
  readonly sizeBytes: number
  pieces(): Iterable<Uint8Array>
}

/**
 * A bootable image with one flat folder: ISO 9660 level 1 (ECMA-119) and El Torito.
 * Promises: the same files yield the same bytes; every date in it is 1 January 2000.
 */
export function writeIso({ volumeId, files, boot }: IsoImage): IsoPieces {
  const placed = placeFiles(files, layout.files)
  const sectors = placed.reduce((end, file) => Math.max(end, file.sector + sectorsOf(file.bytes)), layout.files)
  const head = Buffer.alloc((layout.files - layout.primary) * sectorBytes)
  const at = (sector: number): Buffer => {
    const start = (sector - layout.primary) * sectorBytes
    return head.subarray(start, start + sectorBytes)
  }

  writePrimary(at(layout.primary), volumeId, sectors)
  at(layout.boot).set(bootRecord(layout.catalog))
  writeTerminator(at(layout.terminator))
  at(layout.catalog).set(bootCatalog(boot, placed))
  writePathTables(at(layout.pathTableLe), at(layout.pathTableBe))
  writeRoot(at(layout.root), placed)
  return {
    sizeBytes: sectors * sectorBytes,
    *pieces() {
      yield new Uint8Array(layout.primary * sectorBytes)
      yield head
      for (const file of placed) {
        const { length } = file.bytes
        const isPatched = boot.some((entry) => entry.file === file.name && entry.bootInfoTable)
        if (length > 0) yield isPatched ? patchBootInfo(file) : file.bytes
        const padding = sectorsOf(file.bytes) * sectorBytes - length
        if (padding > 0) yield new Uint8Array(padding)
      }
    },
  }
}

/** ECMA-119, 8.4. */
function writePrimary(sector: Buffer, volumeId: string, sectors: number): void {
  sector[0] = 1
  sector.write('CD001', 1, 'ascii')
  sector[6] = 1
  sector.fill(' ', 8, 72)
  sector.write(volumeId.slice(0, 32), 40, 'ascii')
  both32(sector, 80, sectors)
  both16(sector, 120, 1)
  both16(sector, 124, 1)
  both16(sector, 128, sectorBytes)
  both32(sector, 132, pathTableBytes)
  sector.writeUInt32LE(layout.pathTableLe, 140)
  sector.writeUInt32BE(layout.pathTableBe, 148)
  directoryRecord('\0', layout.root, sectorBytes, true).copy(sector, 156)
  sector.fill(' ', 190, 813)
  for (const date of [813, 830]) sector.write('2000010100000000', date, 'ascii')
  // "Not specified": sixteen digits zero.
  for (const date of [847, 864]) sector.fill('0', date, date + 16)
  sector[881] = 1
}

function writeTerminator(sector: Buffer): void {
  sector[0] = 255
  sector.write('CD001', 1, 'ascii')
  sector[6] = 1
}

/** ECMA-119, 9.4: the root is the only folder. */
function writePathTables(le: Buffer, be: Buffer): void {
  le[0] = 1
  be[0] = 1
  le.writeUInt32LE(layout.root, 2)
  be.writeUInt32BE(layout.root, 2)
  le.writeUInt16LE(1, 6)
  be.writeUInt16BE(1, 6)
}

function writeRoot(sector: Buffer, files: readonly PlacedFile[]): void {
  const records = [
    directoryRecord('\0', layout.root, sectorBytes, true),
    directoryRecord('\x01', layout.root, sectorBytes, true),
    ...files.map((file) =>
      directoryRecord(`${file.name.includes('.') ? file.name : `${file.name}.`};1`, file.sector, file.bytes.length, false),
    ),
  ]
  const bytes = Buffer.concat(records)
  if (bytes.length > sectorBytes) throw new Error('too many files for one folder')
  sector.set(bytes)
}

/** ECMA-119, 9.1. */
function directoryRecord(name: string, sector: number, sizeBytes: number, isFolder: boolean): Buffer {
  const record = Buffer.alloc(33 + name.length + (name.length % 2 === 0 ? 1 : 0))
  record[0] = record.length
  both32(record, 2, sector)
  both32(record, 10, sizeBytes)
  record.set([100, 1, 1], 18)
  record[25] = isFolder ? 2 : 0
  both16(record, 28, 1)
  record[32] = name.length
  record.write(name, 33, 'latin1')
  return record
}

function both16(buffer: Buffer, offset: number, value: number): void {
  buffer.writeUInt16LE(value, offset)
  buffer.writeUInt16BE(value, offset + 2)
}

function both32(buffer: Buffer, offset: number, value: number): void {
  buffer.writeUInt32LE(value, offset)
  buffer.writeUInt32BE(value, offset + 4)
}
