/** What can be installed. Hosts may extend or replace it. */
export interface OsCatalog {
  list(): readonly OsRelease[]
  /** By id (`debian-12`) or by key. */
  find(idOrKey: string | number): OsRelease | undefined
}

export interface OsRelease {
  /** A stable number for faces that count: the original API's `oskey`. */
  readonly key: number
  /** A stable name: `debian-12`. */
  readonly id: string
  /** `debian`, `ubuntu`, `rhel`, `fedora`, … */
  readonly family: string
  /** For people: `Debian GNU/Linux 12 (bookworm)`. */
  readonly name: string
  readonly version: string
  readonly architecture: 'amd64' | 'arm64'
  readonly minimum: OsSize
  readonly recommended: OsSize
  /** ISO 8601 day after which its maker sends no more updates. */
  readonly endOfLife?: string
}

export interface OsSize {
  readonly cpus: number
  readonly memoryMiB: number
  readonly diskMiB: number
}
