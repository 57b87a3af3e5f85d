export interface RepliesTable {
  /** Keyed hash of caller and key: neither is kept. */
  id: string
  /** Keyed hash of the request, which may hold passwords. */
  fingerprint: string
  /** What the call's own operations are known by. */
  operationKey: string
  /** Who carries the call out. */
  holder: string
  leasedUntil: number
  /** Sealed; null while there is none. */
  reply: string | null
  createdAt: number
}
