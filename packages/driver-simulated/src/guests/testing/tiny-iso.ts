/** Builds a small ISO 9660 image for tests, by ECMA-119 and El Torito, with room for one mistake. */
export function tinyIso(files: Readonly<Record<string, string>>, how: { readonly bootRecord?: boolean } = {}): Uint8Array {
  const sector = 2048
  const names = Object.keys(files)
  const firstFile = 22
  const bytes = Buffer.alloc((firstFile + names.length) * sector)
  const both = (at: number, value: number): void => {
    bytes.writeUInt32LE(value, at)
    bytes.writeUInt32BE(value, at + 4)
  }
  const descriptor = (number: number, type: number): number => {
    bytes[number * sector] = type
    bytes.write('CD001\x01', number * sector + 1, 'latin1')
    return number * sector
  }
  const record = (at: number, name: string, extent: number, length: number, flags: number): number => {
    const size = 33 + name.length + ((name.length + 1) % 2)
    bytes[at] = size
    both(at + 2, extent)
    both(at + 10, length)
    bytes[at + 25] = flags
    bytes[at + 32] = name.length
    bytes.write(name, at + 33, 'latin1')
    return at + size
  }

  const primary = descriptor(16, 1)
  bytes.write('TINY'.padEnd(32), primary + 40, 'latin1')
  both(primary + 80, bytes.length / sector)
  bytes.writeUInt16LE(sector, primary + 128)
  record(primary + 156, '\0', 20, sector, 2)
  if (how.bootRecord !== false) {
    const boot = descriptor(17, 0)
    bytes.write('EL TORITO SPECIFICATION', boot + 7, 'latin1')
    bytes.writeUInt32LE(19, boot + 0x47)
    const catalog = 19 * sector
    bytes.set([1], catalog)
    bytes.writeUInt16LE(0xaa55, catalog + 30)
    bytes.writeUInt16LE((0x10000 - (0xaa55 + 1)) & 0xffff, catalog + 28)
    bytes[catalog + 32] = 0x88
    bytes.writeUInt16LE(4, catalog + 38)
    bytes.writeUInt32LE(21, catalog + 40)
  } else descriptor(17, 255)
  descriptor(18, 255)

  let at = record(record(20 * sector, '\0', 20, sector, 2), '\x01', 20, sector, 2)
  names.forEach((name, index) => {
    const text = Buffer.from(files[name] ?? '')
    at = record(at, `${name};1`, firstFile + index, text.length, 0)
    text.copy(bytes, (firstFile + index) * sector)
  })
  return bytes
}
