import { type FatEntry, folderRecords } from './fat-names.ts'

export interface FatFile {
  /** Folders and name, with slashes between: `EFI/BOOT/BOOTX64.EFI`. */
  readonly path: string
  readonly bytes: Uint8Array
}

const sectorBytes = 512
const clusterBytes = 2048
const rootRecords = 64
// With 4,085 clusters it would be FAT16 (FAT specification 1.03, 3.5).
const mostClusters = 4084

/**
 * A FAT12 file system that is as large as what it holds: what UEFI starts programs from (UEFI 2.10, 13.3).
 * Promises: the same files yield the same bytes; every date in it is 1 January 2000. Throws when it holds more than 8 MiB.
 */
export function writeFat(files: readonly FatFile[]): Uint8Array {
  const clusters: Uint8Array[] = []
  /** Numbers begin with 2; a chain is always in one piece. */
  const chains: { readonly first: number; readonly length: number }[] = []
  const store = (bytes: Uint8Array): number => {
    const length = Math.ceil(bytes.length / clusterBytes)
    if (length === 0) return 0
    const first = clusters.length + 2
    for (let at = 0; at < length; at += 1) clusters.push(bytes.subarray(at * clusterBytes, (at + 1) * clusterBytes))
    chains.push({ first, length })
    return first
  }
  const root = folderRecords(storeFolder(files, 0, store))
  if (clusters.length > mostClusters) throw new Error('too much for one FAT12 file system')

  const fatSectors = Math.ceil(((clusters.length + 2) * 1.5) / sectorBytes)
  const dataAt = (1 + 2 * fatSectors) * sectorBytes + rootRecords * 32
  const image = Buffer.alloc(dataAt + clusters.length * clusterBytes)
  writeBootSector(image, fatSectors)
  const table = fatTable(chains, fatSectors)
  image.set(table, sectorBytes)
  image.set(table, sectorBytes + table.length)
  image.set(root, dataAt - rootRecords * 32)
  clusters.forEach((bytes, index) => image.set(bytes, dataAt + index * clusterBytes))
  return image
}

/** Stores everything below a folder and answers its entries. The cluster of its own is taken before those of what it holds. */
function storeFolder(files: readonly FatFile[], own: number, store: (bytes: Uint8Array) => number): FatEntry[] {
  const entries: FatEntry[] = []
  for (const [name, within] of Map.groupBy(files, ({ path }) => path.split('/', 1)[0] ?? '')) {
    const [file] = within
    if (file?.path === name) {
      entries.push({ name, isFolder: false, cluster: store(file.bytes), sizeBytes: file.bytes.length })
      continue
    }
    // Its entries name clusters that come after it, so the buffer is stored first and written afterwards.
    const bytes = Buffer.alloc(clusterBytes)
    const cluster = store(bytes)
    const dots = { isFolder: true, sizeBytes: 0 }
    const below = storeFolder(
      within.map(({ path, bytes: content }) => ({ path: path.slice(name.length + 1), bytes: content })),
      cluster,
      store,
    )
    bytes.set(folderRecords([{ name: '.', cluster, ...dots }, { name: '..', cluster: own, ...dots }, ...below]))
    entries.push({ name, cluster, ...dots })
  }
  return entries
}

/** FAT specification 1.03, 3.1. */
function writeBootSector(image: Buffer, fatSectors: number): void {
  const sectors = image.length / sectorBytes
  image.set([0xeb, 0x3c, 0x90])
  image.write('VIRTKIT ', 3, 'ascii')
  image.writeUInt16LE(sectorBytes, 11)
  image[13] = clusterBytes / sectorBytes
  image.writeUInt16LE(1, 14)
  image[16] = 2
  image.writeUInt16LE(rootRecords, 17)
  image.writeUInt16LE(sectors, 19)
  image[21] = 0xf8
  image.writeUInt16LE(fatSectors, 22)
  image.writeUInt16LE(32, 24)
  image.writeUInt16LE(2, 26)
  image[38] = 0x29
  image.write('VIRTKIT    FAT12   ', 43, 'ascii')
  image.set([0x55, 0xaa], 510)
}

/** Twelve bits for each cluster: the next one of its file. */
function fatTable(chains: readonly { readonly first: number; readonly length: number }[], fatSectors: number): Buffer {
  const table = Buffer.alloc(fatSectors * sectorBytes)
  const put = (cluster: number, value: number): void => {
    const at = Math.floor(cluster * 1.5)
    const old = table.readUInt16LE(at)
    table.writeUInt16LE(cluster % 2 === 0 ? (old & 0xf000) | value : (old & 0x000f) | (value << 4), at)
  }
  put(0, 0xff8)
  put(1, 0xfff)
  for (const { first, length } of chains) {
    for (let at = 0; at < length; at += 1) put(first + at, at === length - 1 ? 0xfff : first + at + 1)
  }
  return table
}
