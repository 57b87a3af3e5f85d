import type { MachineSpec, PowerState } from '@virtkit/spi'

/** What a new world holds. Everything has a sensible default: one datacenter, two hosts, two datastores, two networks. */
export interface WorldOptions {
  /** The same seed and the same calls make the same refs, ids and jitter. Default 1. */
  readonly seed?: number
  /** Default `dc-1`. */
  readonly datacenters?: readonly string[]
  /** Default `host-1` and `host-2`, 32 cpus and 128 GiB each. */
  readonly hosts?: readonly HostOptions[]
  /** Default `pool-1`. */
  readonly resourcePools?: readonly { readonly name: string; readonly datacenter?: string }[]
  /** Default `ds-1` and `ds-2`, 2 TiB each. */
  readonly datastores?: readonly DatastoreOptions[]
  /** Default `lan` and `dmz`. */
  readonly networks?: readonly NetworkOptions[]
  /** Machines that are there from the beginning, ours or others'. Default none. */
  readonly machines?: readonly MachineOptions[]
}

export interface HostOptions {
  readonly name: string
  /** Default: the first datacenter; so everywhere below. */
  readonly datacenter?: string
  /** Default 32. */
  readonly cpus?: number
  /** Default 131072. */
  readonly memoryMiB?: number
  /** Default true. */
  readonly online?: boolean
}

export interface DatastoreOptions {
  readonly name: string
  readonly datacenter?: string
  /** Default `simulated`. */
  readonly type?: string
  /** Default true. */
  readonly writable?: boolean
  /** Default 2097152. */
  readonly capacityMiB?: number
  /** Default: all. */
  readonly hosts?: readonly string[]
  /** Default both. */
  readonly holds?: readonly ('disks' | 'media')[]
}

export interface NetworkOptions {
  readonly name: string
  readonly datacenter?: string
  /** Default `bridge`. */
  readonly kind?: 'bridge' | 'port-group' | 'distributed-port-group' | 'virtual'
  readonly vlan?: number
}

/** A machine that nobody asked for through the contract. */
export interface MachineOptions extends Partial<MachineSpec> {
  readonly name: string
  /** Left out: it carries no mark. */
  readonly key?: string
  /** Default `off`. */
  readonly power?: PowerState
  readonly isTemplate?: boolean
  /** Files on its first disk, by path. */
  readonly files?: Readonly<Record<string, string>>
}
