import type { Generated } from 'kysely'

export interface ContingentTables {
  /** Limits and use of one group. Memory and disk are MiB. `used` is what its machines have on paper. */
  contingents: {
    key: Generated<number>
    groupKey: number
    vmLimit: number
    cpuLimit: number
    memoryLimit: number
    diskLimit: number
    vmUsed: number
    cpuUsed: number
    memoryUsed: number
    diskUsed: number
    vmReserved: number
    cpuReserved: number
    memoryReserved: number
    diskReserved: number
  }
  /** Growth that is promised to a running operation and not yet on paper. */
  contingentReservations: {
    id: string
    groupKey: number
    /** Who holds it: `operation/<id>`. */
    owner: string
    vm: number
    cpu: number
    memory: number
    disk: number
    expiresAt: number
  }
}
