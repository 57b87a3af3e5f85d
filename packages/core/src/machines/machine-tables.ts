import type { Generated } from 'kysely'

export interface MachineTables {
  machines: {
    key: Generated<number>
    name: string
    /** The user group that is charged. */
    ownerKey: number
    clusterKey: number
    /** Catalog release id. */
    os: string
    cpus: number
    memoryMiB: number
    diskMiB: number
    /** As asked: a name or `auto`. */
    datastore: string
    /** Where `auto` put it. */
    placedDatastore: string | null
    provisioning: 'thin' | 'thick'
    firmware: 'bios' | 'uefi'
    state: MachineState
    /** The hypervisor's reference; never writable from outside. */
    ref: string | null
    /** The ownership mark. */
    mark: string
    installParametersKey: number | null
    scheduledDeletionAt: number | null
    createdAt: number
    /** Grows with each change. */
    version: number
  }
  machineNetworks: {
    key: Generated<number>
    machineKey: number
    networkKey: number
    clusterKey: number
    position: number
    ip: string | null
    mac: string
    /** JSON array. */
    domains: string
  }
}

/** `planned`: on paper only. `deployed`: on the hypervisor; as a `template` it makes others. The others: an operation is at it. */
export type MachineState =
  | 'planned'
  | 'importing'
  | 'installing'
  | 'cloning'
  | 'deployed'
  | 'template'
  | 'failed'
  | 'deleting'
