/**
 * A Proxmox VE API that is not there: stateful, with tasks, locks, digests, permissions, the lag of `/cluster/resources` and faults
 * by rule, held against exchanges that were recorded on real servers of versions 8.4 and 9.2.
 */
export {
  type ProxmoxSimulator,
  type ProxmoxSimulatorOptions,
  type RequestRecord,
  type TokenOptions,
  type UserOptions,
  startProxmoxSimulator,
} from './server/proxmox-simulator.ts'
export type { FaultKind, FaultRule, Faults, TaskFaultRule } from './server/faults.ts'
export type { Accounts, AclEntry, Caller, Token, User } from './access/accounts.ts'
export type { Task, Tasks } from './tasks/tasks.ts'
export type { Guest, ProcessResult } from './world/guests.ts'
export type { Machine, MachineConfig, Snapshot } from './world/machine.ts'
export type { Bridge, Vnet, Zone } from './world/networks.ts'
export type { DiskWish, Storage, Storages, Volume } from './world/storages.ts'
export type { MachineOptions, NodeOptions, StorageOptions, VolumeOptions, WorldOptions } from './world/world-options.ts'
export type { Node, Pool, Release, World } from './world/world.ts'
