import { type PlacedFile, sectorBytes } from './iso-files.ts'

/** A file that a firmware starts from the medium, without emulating another drive. */
export interface BootEntry {
  readonly firmware: 'bios' | 'uefi'
  readonly file: string
  /** Fills in the table that isolinux looks for at byte 8 of its own program. */
  readonly bootInfoTable?: boolean
}

/** The boot record volume descriptor (El Torito 1.0, figure 7). */
export function bootRecord(catalogSector: number): Uint8Array {
  const sector = Buffer.alloc(sectorBytes)
  sector.write('CD001', 1, 'ascii')
  sector[6] = 1
  sector.write('EL TORITO SPECIFICATION', 7, 'ascii')
  sector.writeUInt32LE(catalogSector, 71)
  return sector
}

/** The boot catalog (El Torito 1.0, 2.0): BIOS first, UEFI in a section of its own (UEFI 2.10, 13.3.2.1). */
export function bootCatalog(boot: readonly BootEntry[], files: readonly PlacedFile[]): Uint8Array {
  const catalog = Buffer.alloc(sectorBytes)
  const entries = boot.toSorted((a, b) => (a.firmware < b.firmware ? -1 : 1))
  const [first, ...more] = entries
  if (!first) throw new Error('a boot medium needs something to boot')
  validationEntry(first).copy(catalog, 0)
  bootEntry(first, files).copy(catalog, 32)
  more.forEach((entry, index) => {
    const isLast = index === more.length - 1
    const header = Buffer.alloc(32)
    header[0] = isLast ? 0x91 : 0x90
    header[1] = platform(entry)
    header.writeUInt16LE(1, 2)
    header.copy(catalog, 64 + index * 64)
    bootEntry(entry, files).copy(catalog, 96 + index * 64)
  })
  return catalog
}

function validationEntry(first: BootEntry): Buffer {
  const entry = Buffer.alloc(32)
  entry[0] = 1
  entry[1] = platform(first)
  entry.set([0x55, 0xaa], 30)
  // All sixteen words add up to zero.
  let sum = 0
  for (let at = 0; at < 32; at += 2) sum += entry.readUInt16LE(at)
  entry.writeUInt16LE(-sum & 0xffff, 28)
  return entry
}

function bootEntry(entry: BootEntry, files: readonly PlacedFile[]): Buffer {
  const file = fileOf(entry, files)
  const virtualSectors = Math.ceil(file.bytes.length / 512)
  const bytes = Buffer.alloc(32)
  bytes[0] = 0x88
  // A BIOS loads this many sectors; of a larger program, its first four load the rest themselves.
  bytes.writeUInt16LE(entry.firmware === 'bios' ? 4 : Math.min(virtualSectors, 0xffff), 6)
  bytes.writeUInt32LE(file.sector, 8)
  return bytes
}

/** The medium's geography for isolinux (mkisofs(8), -boot-info-table): descriptor, file, length, checksum from byte 64 on. */
export function patchBootInfo(file: PlacedFile): Uint8Array {
  const padded = Buffer.alloc(Math.ceil(file.bytes.length / 4) * 4)
  padded.set(file.bytes)
  let sum = 0
  for (let at = 64; at < padded.length; at += 4) sum = (sum + padded.readUInt32LE(at)) >>> 0
  padded.fill(0, 8, 64)
  padded.writeUInt32LE(16, 8)
  padded.writeUInt32LE(file.sector, 12)
  padded.writeUInt32LE(file.bytes.length, 16)
  padded.writeUInt32LE(sum, 20)
  return padded.subarray(0, file.bytes.length)
}

function fileOf(entry: BootEntry, files: readonly PlacedFile[]): PlacedFile {
  const file = files.find((one) => one.name === entry.file)
  if (!file) throw new Error(`there is no ${entry.file} to boot`)
  return file
}

function platform(entry: BootEntry): number {
  return entry.firmware === 'bios' ? 0 : 0xef
}
