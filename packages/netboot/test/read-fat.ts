/** Reads a FAT12 file system by its own geography, long names and chains included: path → bytes. */
export function readFat(image: Buffer): Map<string, Buffer> {
  const sector = image.readUInt16LE(11)
  const cluster = sector * image[13]!
  const fat = image.subarray(image.readUInt16LE(14) * sector, (image.readUInt16LE(14) + image.readUInt16LE(22)) * sector)
  const rootAt = (image.readUInt16LE(14) + image[16]! * image.readUInt16LE(22)) * sector
  const dataAt = rootAt + image.readUInt16LE(17) * 32
  const next = (of: number): number => (fat.readUInt16LE(Math.floor(of * 1.5)) >> (of % 2 === 0 ? 0 : 4)) & 0xfff
  const chain = (first: number): Buffer => {
    const parts: Buffer[] = []
    for (let at = first; at >= 2 && at < 0xff8; at = next(at)) {
      parts.push(image.subarray(dataAt + (at - 2) * cluster, dataAt + (at - 1) * cluster))
    }
    return Buffer.concat(parts)
  }
  const files = new Map<string, Buffer>()
  const walk = (folder: Buffer, path: string): void => {
    let long = ''
    for (let at = 0; at < folder.length && folder[at] !== 0; at += 32) {
      const record = folder.subarray(at, at + 32)
      if (record[11] === 0x0f) {
        const units = Buffer.concat([record.subarray(1, 11), record.subarray(14, 26), record.subarray(28)])
        long = units.toString('utf16le').split('\0', 1)[0]! + long
        continue
      }
      const [stem, extension] = [record.toString('ascii', 0, 8).trim(), record.toString('ascii', 8, 11).trim()]
      const name = long || (extension ? `${stem}.${extension}` : stem)
      long = ''
      if (name.startsWith('.')) continue
      const bytes = chain(record.readUInt16LE(26))
      if (record[11] === 0x10) walk(bytes, `${path}${name}/`)
      else files.set(path + name, bytes.subarray(0, record.readUInt32LE(28)))
    }
  }
  walk(image.subarray(rootAt, dataAt), '')
  return files
}
