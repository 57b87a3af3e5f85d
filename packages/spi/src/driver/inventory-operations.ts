import type { Call } from './call.ts'
import type { MachineInfo } from './machine-operations.ts'

/** What the hypervisor has. Lists are complete, however long. */
export interface InventoryOperations {
  /**
   * Where a machine goes when nobody says where.
   * Promises: every name that it returns is one that `machines.create` accepts.
   */
  defaults(call: Call): Promise<Placement>
  /** Promises: complete; empty for a hypervisor that has no such notion. */
  datacenters(call: Call): Promise<readonly NamedItem[]>
  hosts(call: Call): Promise<readonly HostInfo[]>
  resourcePools(call: Call): Promise<readonly NamedItem[]>
  /** Promises: `freeMiB` counts what is allocated, thin disks by what they hold. */
  datastores(call: Call): Promise<readonly DatastoreInfo[]>
  networks(call: Call): Promise<readonly NetworkInfo[]>
  /**
   * All machines, ours and others', in pages.
   *
   * Promises: holds one page in memory; a machine that exists from beginning to end is delivered exactly once; leaving the
   * loop early leaves nothing open. `pageSize` is at least 1.
   */
  machines(options: { pageSize: number }, call: Call): AsyncIterable<readonly MachineInfo[]>
}

/** Names as the hypervisor shows them. Left out: the driver decides. */
export interface Placement {
  readonly datacenter?: string
  readonly resourcePool?: string
  readonly host?: string
  readonly datastore?: string
  readonly folder?: string
}

export interface NamedItem {
  readonly name: string
  readonly datacenter?: string
}

export interface HostInfo extends NamedItem {
  readonly online: boolean
  readonly cpus: number
  readonly memoryMiB: number
  /** Memory that is not promised to a running machine. */
  readonly freeMemoryMiB: number
}

export interface DatastoreInfo extends NamedItem {
  readonly type: string
  readonly writable: boolean
  readonly capacityMiB: number
  readonly freeMiB: number
  /** Hosts that reach it; empty means all. */
  readonly hosts: readonly string[]
  /** What it may hold. */
  readonly holds: readonly ('disks' | 'media')[]
}

export interface NetworkInfo extends NamedItem {
  readonly kind: 'bridge' | 'port-group' | 'distributed-port-group' | 'virtual'
  readonly vlan?: number
}
