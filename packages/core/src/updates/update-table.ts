/** At most one row: what was asked for last. */
export interface UpdateTable {
  key: number
  version: string
  scheduledAt: number
}
