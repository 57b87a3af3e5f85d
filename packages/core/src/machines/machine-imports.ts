import type { PowerState, VirtkitError } from '@virtkit/spi'
import type { Machine } from './machines.ts'

export interface ImportInput {
  /** Names as the hypervisor shows them, or `all`: every machine that carries no mark and is no template. */
  readonly names: readonly string[] | 'all'
  /** Key of the user group that is charged. */
  readonly owner: number
}

/** What became of one machine. */
export type ImportedMachine =
  | {
      readonly name: string
      /** `present`: it was ours, and this group's, before. */
      readonly status: 'imported' | 'present'
      readonly machine: Machine
    }
  | {
      readonly name: string
      readonly status: 'refused'
      /**
       * `CONTINGENT_EXCEEDED`; `CONFLICT` for a name, MAC or machine that is on paper already, for a template and for a name that
       * several machines of the hypervisor have; `ADDRESS_TAKEN`; `NOT_OURS` for the mark of another installation; `NOT_FOUND`; or
       * what the hypervisor said.
       */
      readonly error: VirtkitError
    }

/** A machine of the hypervisor that could be imported. */
export interface ImportableMachine {
  readonly name: string
  /** The hypervisor's own handle; unique on the cluster, and only to look at. */
  readonly ref: string
  readonly power: PowerState
  readonly cpus: number
  readonly memoryMiB: number
  /** All its disks together. */
  readonly diskMiB: number
  readonly datastore?: string
  readonly host?: string
  readonly datacenter?: string
  /** What runs in it, in the hypervisor's words. */
  readonly guestOs?: string
  /** The names of its networks, in the order of its cards. */
  readonly networks: readonly string[]
}

/** Something that is not the same on paper and on the hypervisor. */
export interface MachineDifference {
  /** `existence`: the hypervisor does not have it. `mark`: it does not carry ours. `networks`: names and MACs, in order. */
  readonly field: 'existence' | 'mark' | 'name' | 'cpus' | 'memoryMiB' | 'diskMiB' | 'firmware' | 'networks'
  readonly paper: string
  readonly hypervisor: string
}
