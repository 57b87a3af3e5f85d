import type { Generated } from 'kysely'

export interface ProfileTables {
  profiles: {
    key: Generated<number>
    name: string
    clusterKey: number
    os: string
    cpus: number
    memoryMiB: number
    diskMiB: number
    datastore: string
  }
  profileNetworks: { profileKey: number; networkKey: number; position: number }
}
