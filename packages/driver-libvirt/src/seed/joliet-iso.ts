/** A small file of an image. */
export interface IsoFile {
  /** As the guest sees it: up to 64 characters, `user-data`. */
  readonly name: string
  readonly content: string
}

const sector = 2048
const layout = {
  primary: 16,
  joliet: 17,
  end: 18,
  paths: 19,
  jolietPaths: 21,
  root: 23,
  jolietRoot: 24,
  files: 25,
} as const

/**
 * An ISO 9660 image with the Joliet extension, which keeps names as they are: all files in its root folder, which is one sector.
 * Source: ECMA-119; Joliet specification of 1995.
 */
export function buildIso(label: string, files: readonly IsoFile[]): Buffer {
  const placed = placeFiles(files)
  const sectors = placed.reduce<number>((end, file) => Math.max(end, file.at + file.sectors), layout.files)
  const image = Buffer.alloc(sectors * sector)
  volume(image, layout.primary, 1, label, sectors, layout.root, layout.paths)
  volume(image, layout.joliet, 2, label, sectors, layout.jolietRoot, layout.jolietPaths)
  image.write('\xffCD001\x01', layout.end * sector, 'latin1')
  folder(
    image,
    layout.root,
    placed.map((file) => ({ ...file, id: Buffer.from(file.plain) })),
  )
  folder(
    image,
    layout.jolietRoot,
    placed.map((file) => ({ ...file, id: utf16(file.name) })),
  )
  for (const file of placed) file.bytes.copy(image, file.at * sector)
  return image
}

interface PlacedFile {
  readonly name: string
  readonly plain: string
  readonly bytes: Buffer
  readonly at: number
  readonly sectors: number
}

function placeFiles(files: readonly IsoFile[]): readonly PlacedFile[] {
  let next: number = layout.files
  return files
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, content }, i) => {
      const bytes = Buffer.from(content)
      const sectors = Math.max(1, Math.ceil(bytes.length / sector))
      const at = next
      next += sectors
      return { name, plain: `FILE${i}.;1`, bytes, at, sectors }
    })
}

function volume(image: Buffer, at: number, type: 1 | 2, label: string, sectors: number, root: number, paths: number): void {
  const start = at * sector
  const text = (offset: number, length: number, value: string): void => {
    if (type === 1) image.fill(' ', start + offset, start + offset + length)
    else for (let i = 0; i + 1 < length; i += 2) image.writeUInt16BE(0x20, start + offset + i)
    const bytes = type === 1 ? Buffer.from(value, 'latin1') : utf16(value)
    bytes.copy(image, start + offset, 0, Math.min(bytes.length, length))
  }
  image.writeUInt8(type, start)
  image.write('CD001\x01', start + 1, 'latin1')
  text(8, 32, '')
  text(40, 32, label)
  both32(image, start + 80, sectors)
  if (type === 2) image.write('%/E', start + 88, 'latin1')
  both16(image, start + 120, 1)
  both16(image, start + 124, 1)
  both16(image, start + 128, sector)
  both32(image, start + 132, 10)
  image.writeUInt32LE(paths, start + 140)
  image.writeUInt32BE(paths + 1, start + 148)
  record(Buffer.from([0]), root, sector, true).copy(image, start + 156)
  for (const [offset, length] of [
    [190, 128],
    [318, 128],
    [446, 128],
    [574, 128],
    [702, 37],
    [739, 37],
    [776, 37],
  ] as const) {
    text(offset, length, '')
  }
  for (const offset of [813, 830, 847, 864]) image.fill('0', start + offset, start + offset + 16)
  image.writeUInt8(1, start + 881)
  // One path: the root.
  for (const [index, isLittle] of [true, false].entries()) {
    const path = (paths + index) * sector
    image.writeUInt8(1, path)
    if (isLittle) image.writeUInt32LE(root, path + 2)
    else image.writeUInt32BE(root, path + 2)
    if (isLittle) image.writeUInt16LE(1, path + 6)
    else image.writeUInt16BE(1, path + 6)
  }
}

function folder(image: Buffer, at: number, files: readonly (PlacedFile & { readonly id: Buffer })[]): void {
  const records = [
    record(Buffer.from([0]), at, sector, true),
    record(Buffer.from([1]), at, sector, true),
    ...files.map((file) => record(file.id, file.at, file.bytes.length, false)),
  ]
  const bytes = Buffer.concat(records)
  if (bytes.length > sector) throw new RangeError('too many files for one sector')
  bytes.copy(image, at * sector)
}

function record(id: Buffer, at: number, length: number, isFolder: boolean): Buffer {
  const size = 33 + id.length + (id.length % 2 === 0 ? 1 : 0)
  const bytes = Buffer.alloc(size)
  bytes.writeUInt8(size, 0)
  both32(bytes, 2, at)
  both32(bytes, 10, length)
  // 1 January 2000; the same content gives the same image.
  bytes.set([100, 1, 1, 0, 0, 0, 0], 18)
  bytes.writeUInt8(isFolder ? 2 : 0, 25)
  both16(bytes, 28, 1)
  bytes.writeUInt8(id.length, 32)
  id.copy(bytes, 33)
  return bytes
}

function both16(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt16LE(value, at)
  bytes.writeUInt16BE(value, at + 2)
}

function both32(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(value, at)
  bytes.writeUInt32BE(value, at + 4)
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16()
}
