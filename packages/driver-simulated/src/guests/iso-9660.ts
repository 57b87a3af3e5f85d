/**
 * Reads the files of a small ISO 9660 image (ECMA-119) and whether firmware would boot it (El Torito 1.0).
 *
 * Strict on purpose: an image that only a lenient reader accepts would not boot everywhere.
 */
export interface IsoImage {
  readonly volumeId: string
  /** Firmware finds a boot record with a valid catalog and a bootable entry. */
  readonly bootable: boolean
  /** File of the root directory by name, without version (`;1`); case does not count. */
  file(name: string): Uint8Array | undefined
  readonly names: readonly string[]
}

/** The image cannot be read; the message says where it breaks the standard. */
export class BadImage extends Error {
  override readonly name = 'BadImage'
}

const sectorBytes = 2048
const firstDescriptor = 16
const elTorito = 'EL TORITO SPECIFICATION'

/** Throws `BadImage`. */
export function readIso(bytes: Uint8Array): IsoImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { primary, bootCatalog } = readDescriptors(bytes, view)
  if (view.getUint16(primary + 128, true) !== sectorBytes) throw new BadImage('the logical block size is not 2048 bytes')
  const sectors = bothEndian(view, primary + 80, 'volume space size')
  if (sectors * sectorBytes > bytes.length) {
    throw new BadImage(`the image is cut off: ${sectors} sectors announced, ${bytes.length} bytes there`)
  }
  const files = readDirectory(bytes, view, extent(view, primary + 156, bytes))
  return {
    volumeId: ascii(bytes, primary + 40, 32).trimEnd(),
    bootable: bootCatalog !== undefined && catalogBoots(view, bootCatalog),
    names: [...files.keys()],
    file: (name) => files.get(name.toUpperCase()),
  }
}

function readDescriptors(bytes: Uint8Array, view: DataView): { primary: number; bootCatalog: number | undefined } {
  let primary: number | undefined
  let bootCatalog: number | undefined
  for (let sector = firstDescriptor; ; sector += 1) {
    const at = sector * sectorBytes
    if (at + sectorBytes > bytes.length) throw new BadImage('the volume descriptors have no end')
    if (ascii(bytes, at + 1, 5) !== 'CD001') throw new BadImage(`sector ${sector} is not a volume descriptor`)
    if (bytes[at + 6] !== 1) throw new BadImage(`the descriptor in sector ${sector} has an unknown version`)
    const type = bytes[at]
    if (type === 255) break
    if (type === 1) primary ??= at
    // El Torito wants its boot record in the sector after the primary descriptor: 17.
    if (type === 0 && sector === 17 && ascii(bytes, at + 7, elTorito.length) === elTorito) {
      bootCatalog = view.getUint32(at + 0x47, true) * sectorBytes
    }
  }
  if (primary === undefined) throw new BadImage('there is no primary volume descriptor')
  if (primary !== firstDescriptor * sectorBytes) throw new BadImage('the primary volume descriptor is not in sector 16')
  return { primary, bootCatalog }
}

/** Validation entry (header, key, checksum), then the initial entry must say bootable and point into the image. */
function catalogBoots(view: DataView, at: number): boolean {
  if (at + 64 > view.byteLength) return false
  if (view.getUint8(at) !== 1 || view.getUint16(at + 30, true) !== 0xaa55) return false
  let sum = 0
  for (let offset = 0; offset < 32; offset += 2) sum += view.getUint16(at + offset, true)
  if ((sum & 0xffff) !== 0 || view.getUint8(at + 32) !== 0x88) return false
  const image = view.getUint32(at + 40, true) * sectorBytes
  return view.getUint16(at + 38, true) > 0 && image >= firstDescriptor * sectorBytes && image < view.byteLength
}

interface Extent {
  readonly start: number
  readonly length: number
}

function extent(view: DataView, record: number, bytes: Uint8Array): Extent {
  const start = bothEndian(view, record + 2, 'extent') * sectorBytes
  const length = bothEndian(view, record + 10, 'data length')
  if (start + length > bytes.length) throw new BadImage('a directory record points outside the image')
  return { start, length }
}

function readDirectory(bytes: Uint8Array, view: DataView, directory: Extent): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  const end = directory.start + directory.length
  for (let at = directory.start; at < end;) {
    const length = view.getUint8(at)
    // Records do not cross sectors; the rest of a sector is zero.
    if (length === 0) {
      at = (Math.floor(at / sectorBytes) + 1) * sectorBytes
      continue
    }
    const nameLength = at + 33 <= end ? view.getUint8(at + 32) : 0
    if (nameLength === 0 || length < 33 + nameLength || at + length > end)
      throw new BadImage('a directory record is broken')
    const isFile = (view.getUint8(at + 25) & 2) === 0
    if (isFile) {
      const { start, length: size } = extent(view, at, bytes)
      const name = ascii(bytes, at + 33, nameLength)
        .replace(/;\d+$/, '')
        .replace(/\.$/, '')
      files.set(name.toUpperCase(), bytes.subarray(start, start + size))
    }
    at += length
  }
  return files
}

/** Numbers are written twice, in both byte orders; an image in which they differ is broken. */
function bothEndian(view: DataView, at: number, what: string): number {
  if (at + 8 > view.byteLength) throw new BadImage(`the image ends before its ${what}`)
  const little = view.getUint32(at, true)
  if (little !== view.getUint32(at + 4, false)) throw new BadImage(`the two byte orders of the ${what} differ`)
  return little
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length))
}
