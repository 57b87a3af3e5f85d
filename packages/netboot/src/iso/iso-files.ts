export const sectorBytes = 2048

export interface IsoFile {
  /** ISO 9660 level 1: up to eight and three characters of `A-Z 0-9 _`, in capitals. */
  readonly name: string
  readonly bytes: Uint8Array
}

export interface PlacedFile extends IsoFile {
  readonly sector: number
}

/** Gives each file its place from sector `first` on, in the order that a folder lists them. */
export function placeFiles(files: readonly IsoFile[], first: number): PlacedFile[] {
  let sector = first
  return files
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((file, index, all) => {
      if (!/^[A-Z0-9_]{1,8}(?:\.[A-Z0-9_]{1,3})?$/.test(file.name))
        throw new Error(`${file.name} is no ISO 9660 level 1 name`)
      if (all[index + 1]?.name === file.name) throw new Error(`${file.name} is there twice`)
      const placed = { ...file, sector }
      sector += sectorsOf(file.bytes)
      return placed
    })
}

export function sectorsOf(bytes: Uint8Array): number {
  return Math.max(1, Math.ceil(bytes.length / sectorBytes))
}
