import type { PowerState } from '@virtkit/spi'
import type { By, ByKey } from '../access/actor.ts'
import type { Operation } from '../operations/operations.ts'
import type { MachineNetwork, MachineNetworkInput } from './machine-networks.ts'
import type { ImportInput, ImportableMachine, ImportedMachine, MachineDifference } from './machine-imports.ts'
import type { MachinePlan } from './machine-plan.ts'
import type { MachineState } from './machine-tables.ts'

/** Virtual machines: first on paper, with their addresses and charged to their group; an install brings them to life. */
export interface Machines {
  /**
   * Puts a machine on paper: name, addresses and contingent are taken, or nothing is. Nothing happens on the hypervisor yet.
   *
   * Promises: all or nothing. Throws `INVALID_INPUT` naming each field, `CONTINGENT_EXCEEDED` with every dimension that blocks,
   * `ADDRESS_POOL_EXHAUSTED`, `ADDRESS_TAKEN`, `CONFLICT` for a name or MAC in use, `NOT_FOUND` for owner, cluster or network.
   */
  create(machine: MachineInput, by?: By): Promise<Machine>
  /**
   * What `create` would do with this input now: the addresses that it would hand out, what the contingent and the licence say, and
   * every problem at once. Promises: nothing is written and nothing is held; input that cannot be read is a problem, not an
   * error. Throws `FORBIDDEN`.
   *
   * @example
   * ```ts
   * const { isPossible, problems, networks } = await kit.machines.plan(machine)
   * if (!isPossible) for (const { code, message } of problems) console.log(code, message)
   * ```
   */
  plan(machine: MachineInput, by?: By): Promise<MachinePlan>
  /** As `create`, with the profile's sizes, system and networks where nothing else is said. */
  createFromProfile(profileKey: number, machine: FromProfileInput, by?: By): Promise<Machine>
  get(key: number, by?: By): Promise<Machine>
  find(clusterKey: number, name: string, by?: By): Promise<Machine | undefined>
  /**
   * By key or as `sort` says, 100 unless a limit up to 1000 is given; go on with `after` set to the last machine. Promises: what comes
   * and goes meanwhile makes no other machine be left out or told twice. Throws `INVALID_INPUT`.
   *
   * @example
   * ```ts
   * const first = await kit.machines.list({ owner: team, sort: ['name'], limit: 50 })
   * const more = await kit.machines.list({ owner: team, sort: ['name'], limit: 50, after: first.at(-1) })
   * ```
   */
  list(filter?: MachineFilter, by?: By): Promise<readonly Machine[]>
  /**
   * Changes name, owner or hardware. On paper at once; a deployed machine's hardware by an operation, which is waited for. Growth is
   * charged before anything is done. What a machine has already is no change. Throws as `create`, and `CONFLICT` for what cannot be
   * changed now: system, cluster and datastore only before the machine is installed, the cluster before it has network cards.
   */
  update(key: number, change: MachineUpdate, by?: ByKey): Promise<Machine>
  /** As `update`, but what an operation does is not waited for: it is answered. `undefined`: it is done. */
  startUpdate(key: number, change: MachineUpdate, by?: ByKey): Promise<Operation | undefined>
  /**
   * Powers off, destroys on the hypervisor, gives back addresses and contingent. Promises: what does not carry our mark is not
   * destroyed; a hypervisor that refuses is asked again for days (`machine.deletion-postponed`), then the machine is forgotten here and
   * `machine.orphaned` tells.
   */
  remove(key: number, by?: ByKey): Promise<Operation>
  /** Switches a deployed machine. `shutdown` asks the guest and pulls the plug after two minutes. */
  power(key: number, to: 'on' | 'off' | 'shutdown', by?: ByKey): Promise<Operation>
  /**
   * Takes over machines that the cluster has: each is charged to the owner in full, gets our mark, and has its addresses, as its
   * guest reports them, in the address book. Networks that we did not know are made as `clusters.syncNetworks` makes them.
   *
   * Promises: machine by machine, all or nothing, whatever dies on the way; again: those are `present`; nothing about a machine
   * but its mark is changed, so that `compare` finds nothing. Answers each in the order asked, when all have ended. Throws
   * `INVALID_INPUT`, `NOT_FOUND` for cluster or owner, and what the hypervisor throws when its inventory is read.
   *
   * @example
   * ```ts
   * for (const each of await kit.machines.import(cluster, { names: ['erp', 'mail'], owner: team })) {
   *   console.log(each.name, each.status === 'refused' ? each.error.message : each.machine.key)
   * }
   * ```
   */
  import(clusterKey: number, machines: ImportInput, by?: By): Promise<readonly ImportedMachine[]>
  /** What of the cluster's could be imported: no templates, and nothing that carries a mark. */
  listImportable(clusterKey: number, by?: By): Promise<readonly ImportableMachine[]>
  /**
   * Where paper and hypervisor differ; empty when they do not. Nothing is changed. Throws `CONFLICT` for a machine that is not on
   * the hypervisor yet.
   */
  compare(key: number, by?: By): Promise<readonly MachineDifference[]>
  /** What the hypervisor says of it now. A machine on paper is `off` and has the addresses it was given. */
  info(key: number, by?: By): Promise<MachineStatus>
}

export interface MachineInput {
  /** 1 to 63 letters, digits and dashes: it becomes the host name. Unique on the cluster. */
  readonly name: string
  /** Key of the user group that is charged. */
  readonly owner: number
  readonly cluster: number
  /** Catalog release id: `debian-12`. */
  readonly os: string
  readonly cpus: number
  readonly memoryMiB: number
  readonly diskMiB: number
  /** A datastore's name, or `auto` (default): the one with the most free space at the time of the install. */
  readonly datastore?: string
  /** Default `thin`. */
  readonly provisioning?: 'thin' | 'thick'
  /** Default `bios`. */
  readonly firmware?: 'bios' | 'uefi'
  /** In order; the first is the one to install from. Default: none yet. */
  readonly networks?: readonly MachineNetworkInput[]
}

export interface FromProfileInput {
  readonly name: string
  readonly owner: number
  readonly cpus?: number
  readonly memoryMiB?: number
  readonly diskMiB?: number
  readonly provisioning?: 'thin' | 'thick'
}

export interface MachineUpdate {
  readonly name?: string
  readonly owner?: number
  readonly cpus?: number
  readonly memoryMiB?: number
  /** Disks only grow once the machine is deployed. */
  readonly diskMiB?: number
  readonly os?: string
  readonly cluster?: number
  readonly datastore?: string
}

export interface MachineFilter {
  readonly key?: number
  readonly owner?: number
  readonly cluster?: number
  readonly state?: MachineState
  readonly name?: string
  readonly os?: string
  /** The first first; what is equal in all of them stands by key. Only by name, key and owner is there an index to read along. */
  readonly sort?: readonly MachineOrder[]
  /** The last machine of the page before, or what it had in the fields sorted by and its key; the key alone without a `sort`. */
  readonly after?: number | MachinePlace
  readonly limit?: number
}

/** A dash before a field turns its order. */
export type MachineOrder = MachineSortField | `-${MachineSortField}`
export type MachineSortField =
  | 'key'
  | 'name'
  | 'owner'
  | 'cluster'
  | 'os'
  | 'state'
  | 'cpus'
  | 'memoryMiB'
  | 'diskMiB'
  | 'createdAt'
export type MachinePlace = Pick<Machine, 'key'> & Partial<Pick<Machine, MachineSortField>>

export interface Machine {
  readonly key: number
  readonly name: string
  readonly owner: number
  readonly cluster: number
  /** Catalog release id; `other` for an imported machine. */
  readonly os: string
  readonly cpus: number
  readonly memoryMiB: number
  /** All its disks together; the first is the one that grows. */
  readonly diskMiB: number
  /** As asked: a name or `auto`. */
  readonly datastore: string
  /** Where its disk is, once it is deployed. */
  readonly placedDatastore?: string
  readonly provisioning: 'thin' | 'thick'
  readonly firmware: 'bios' | 'uefi'
  readonly state: MachineState
  readonly networks: readonly MachineNetwork[]
  readonly installParameters?: number
  /** When a deletion that failed will be forced. */
  readonly scheduledDeletionAt?: number
  readonly createdAt: number
  /** Grows with each change. */
  readonly version: number
}

export interface MachineStatus {
  readonly name: string
  readonly power: PowerState
  readonly addresses: readonly string[]
}
