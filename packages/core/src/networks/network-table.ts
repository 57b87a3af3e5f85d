import type { Generated } from 'kysely'

export interface NetworkTable {
  key: Generated<number>
  name: string
  clusterKey: number
  dhcp: number
  cidr: string | null
  /** Range to hand out from, as given: CIDR or `a-b`. */
  reservation: string | null
  /** JSON array of ranges inside of it that are not handed out, as given. */
  excluded: Generated<string>
  quarantineMs: Generated<number>
  gateway: string | null
  /** JSON array. */
  dns: string
  zoneDomain: string | null
  isolated: number
}
