export interface ReadIso {
  readonly volumeId: string
  readonly sectors: number
  readonly files: ReadonlyMap<string, Buffer>
  readonly boot: readonly { readonly platform: number; readonly sector: number; readonly virtualSectors: number }[]
  sectorOf(name: string): number
}

/** Reads an image by the letter of ECMA-119 and El Torito, sharing nothing with the writer. */
export function readIso(image: Buffer): ReadIso {
  const sector = (index: number): Buffer => image.subarray(index * 2048, index * 2048 + 2048)
  const both = (bytes: Buffer, at: number): number => {
    const value = bytes.readUInt32LE(at)
    if (bytes.readUInt32BE(at + 4) !== value) throw new Error(`the two byte orders at ${at} differ`)
    return value
  }
  const primary = sector(16)
  if (primary[0] !== 1 || primary.toString('ascii', 1, 6) !== 'CD001') throw new Error('no primary volume descriptor')
  const bootRecord = sector(17)
  if (bootRecord.toString('ascii', 7, 30) !== 'EL TORITO SPECIFICATION') throw new Error('no boot record')
  if (sector(18)[0] !== 255) throw new Error('no terminator')

  const root = sector(both(primary, 158)).subarray(0, both(primary, 166))
  const places = new Map<string, { sector: number; length: number }>()
  for (let at = 0; root[at]; at += root[at]!) {
    const record = root.subarray(at, at + root[at]!)
    const name = record.toString('latin1', 33, 33 + record[32]!)
    if (name !== '\0' && name !== '\x01')
      places.set(name.replace(/\.?;1$/, ''), { sector: both(record, 2), length: both(record, 10) })
  }
  const files = new Map(
    [...places].map(([name, place]) => [name, image.subarray(place.sector * 2048, place.sector * 2048 + place.length)]),
  )
  return {
    volumeId: primary.toString('ascii', 40, 72).trim(),
    sectors: both(primary, 80),
    files,
    boot: readBootCatalog(sector(bootRecord.readUInt32LE(71))),
    sectorOf: (name) => places.get(name)?.sector ?? -1,
  }
}

function readBootCatalog(catalog: Buffer): ReadIso['boot'] {
  let sum = 0
  for (let at = 0; at < 32; at += 2) sum += catalog.readUInt16LE(at)
  if (catalog[0] !== 1 || (sum & 0xffff) !== 0 || catalog.readUInt16LE(30) !== 0xaa55)
    throw new Error('bad validation entry')
  const entry = (at: number, platform: number): ReadIso['boot'][number] => {
    if (catalog[at] !== 0x88) throw new Error('an entry is not bootable')
    return { platform, virtualSectors: catalog.readUInt16LE(at + 6), sector: catalog.readUInt32LE(at + 8) }
  }
  const entries = [entry(32, catalog[1]!)]
  for (let at = 64; catalog[at] === 0x90 || catalog[at] === 0x91; at += 64) {
    entries.push(entry(at + 32, catalog[at + 1]!))
    if (catalog[at] === 0x91) break
  }
  return entries
}
