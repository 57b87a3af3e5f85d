import type { Firmware, PowerState } from '@virtkit/spi'

/** Everything that a world is, as plain data: it can be written to a file and read back. */
export interface WorldState {
  readonly format: 1
  readonly seed: number
  /** Grows; every ref and id is made from it. */
  counter: number
  readonly datacenters: string[]
  readonly hosts: HostState[]
  readonly resourcePools: { readonly name: string; readonly datacenter: string }[]
  readonly datastores: DatastoreState[]
  readonly networks: NetworkState[]
  /** In the order of their making. */
  readonly machines: Map<string, MachineState>
  readonly media: Map<string, MediumState>
  /** The last changes of machines, oldest first. */
  readonly changes: ChangeState[]
  /** Number of the newest change. */
  lastChange: number
}

export interface HostState {
  readonly name: string
  readonly datacenter: string
  online: boolean
  readonly cpus: number
  readonly memoryMiB: number
}

export interface DatastoreState {
  readonly name: string
  readonly datacenter: string
  readonly type: string
  readonly writable: boolean
  readonly capacityMiB: number
  /** Empty: all. */
  readonly hosts: readonly string[]
  readonly holds: readonly ('disks' | 'media')[]
}

export interface NetworkState {
  readonly name: string
  readonly datacenter: string
  readonly kind: 'bridge' | 'port-group' | 'distributed-port-group' | 'virtual'
  readonly vlan?: number
}

/** What a snapshot keeps and a revert puts back. */
export interface HardwareState {
  cpus: number
  memoryMiB: number
  disks: DiskState[]
  nics: NicState[]
  medium?: string
  bootsFrom: 'disk' | 'medium'
}

export interface DiskState {
  readonly sizeMiB: number
  readonly provisioning: 'thin' | 'thick'
  readonly datastore: string
}

export interface NicState {
  readonly network: string
  readonly mac: string
}

/** Small text by path or name: what is on a disk, or in memory. */
export type Content = Record<string, string>

export interface MachineState extends HardwareState {
  readonly ref: string
  /** Grows in the order of making. */
  readonly sequence: number
  name: string
  key?: string
  power: PowerState
  readonly firmware: Firmware
  host: string
  /** It was asked for on this host and does not move by itself. */
  readonly pinned: boolean
  readonly datacenter: string
  readonly resourcePool?: string
  readonly folder?: string
  readonly guestOs?: string
  readonly notes?: string
  isTemplate: boolean
  /** Files of the first disk. */
  files: Content
  memory: Content
  addresses: readonly string[]
  snapshots: SnapshotState[]
  currentSnapshot?: string
}

export interface SnapshotState {
  readonly id: string
  name: string
  description: string
  parent?: string
  readonly createdAt: number
  hardware: HardwareState
  readonly files: Content
  /** Present when the memory was kept. */
  readonly memory?: { readonly content: Content; readonly addresses: readonly string[] }
}

export interface MediumState {
  readonly ref: string
  readonly name: string
  readonly datastore: string
  readonly sizeBytes: number
  /** Under which the bytes are stored; another for every upload. */
  readonly bytesId: string
}

export interface ChangeState {
  readonly number: number
  readonly kind: 'appeared' | 'changed' | 'vanished'
  readonly ref: string
}
