import type { By, ByKey } from '../access/actor.ts'
import type { MachineNetworkInput } from '../machines/machine-networks.ts'
import type { Machine } from '../machines/machines.ts'
import type { Operation } from '../operations/operations.ts'

/** Templates of clusters, and machines made from them without an installation. */
export interface Templates {
  /** The hypervisor's own and ours, by name. Throws `UNSUPPORTED` for a hypervisor without templates. */
  list(clusterKey: number, by?: By): Promise<readonly Template[]>
  /**
   * Turns a stopped machine of ours into a template. It stays on paper and charged, as `template`, until it is removed.
   * Throws `CONFLICT` for one that is not deployed; the operation fails with it for one that runs.
   */
  register(machineKey: number, by?: ByKey): Promise<Operation>
  /**
   * Puts a machine on paper, as `machines.create` does, and clones it from a template: with its own name, addresses and ssh keys,
   * and off. Sizes that are not said are the template's.
   *
   * Promises: all or nothing, whatever dies on the way: a clone that fails or is cancelled leaves nothing on the hypervisor, and
   * nothing on paper. Throws as `machines.create`; `NOT_FOUND` for the template, `CONFLICT` for a name that several have,
   * `INVALID_INPUT` for a disk smaller than the template's, `UNSUPPORTED`.
   *
   * @example
   * ```ts
   * const { machine, operation } = await kit.templates.clone({ cluster, template: 'debian-golden', name: 'web-7', owner: team })
   * await kit.operations.wait(operation.id)
   * ```
   */
  clone(machine: CloneInput, by?: ByKey): Promise<StartedClone>
}

export interface Template {
  readonly name: string
  readonly cluster: number
  /** Key of the machine that it was; left out: it is none of ours. */
  readonly machine?: number
  readonly cpus: number
  readonly memoryMiB: number
  /** All its disks together. */
  readonly diskMiB: number
  readonly firmware: 'bios' | 'uefi'
}

export interface CloneInput {
  /** 1 to 63 letters, digits and dashes: it becomes the host name. Unique on the cluster. */
  readonly name: string
  readonly owner: number
  readonly cluster: number
  /** The template's name. */
  readonly template: string
  readonly cpus?: number
  readonly memoryMiB?: number
  /** All disks together; the first is the one that grows. */
  readonly diskMiB?: number
  /** A datastore's name, or `auto` (default). */
  readonly datastore?: string
  readonly networks?: readonly MachineNetworkInput[]
  /** Lines as in `authorized_keys`. */
  readonly sshKeys?: readonly string[]
}

export interface StartedClone {
  readonly machine: Machine
  readonly operation: Operation
}
