import type { Call, KeyedCall, OwnedMachine } from './call.ts'
import type { Placement } from './inventory-operations.ts'

export interface MachineOperations {
  /**
   * Creates a machine: off, with exactly the hardware asked for, carrying `call.key` as its ownership mark.
   *
   * Promises: the same key answers the same machine, also after a lost answer and also from another process; a failure
   * leaves nothing behind, or says `outcome: 'unknown'` and `findByKey` tells. The name need not be unique. Throws
   * `INVALID_INPUT` (naming the field: `datastore`, `nics[0].network`, …), `DATASTORE_FULL`, `HOST_RESOURCES`,
   * `HYPERVISOR_REFUSED`, `HYPERVISOR_UNAVAILABLE`, `CANCELLED`.
   */
  create(spec: MachineSpec, call: KeyedCall): Promise<MachineInfo>
  /** Promises: `undefined` for a ref that is unknown or gone. A machine that changes host keeps its ref. */
  find(ref: string, call: Call): Promise<MachineInfo | undefined>
  /** Promises: finds by mark what a lost answer left behind, whatever its state. */
  findByKey(key: string, call: Call): Promise<MachineInfo | undefined>
  /**
   * Puts our mark on a machine that has none (import). Promises: no other change; again with the same key is fine. Throws
   * `NOT_OURS` when it carries another mark, `NOT_FOUND`.
   */
  mark(ref: string, call: KeyedCall): Promise<void>
  /**
   * Takes our mark off again: the reverse of `mark`, the machine stays as it is.
   * Promises: of a machine that is gone or has no mark, fine. Throws `NOT_OURS`.
   */
  unmark(machine: OwnedMachine, call: Call): Promise<void>
  /**
   * Changes hardware or name; what is left out stays. Disks only grow.
   * Promises: all or nothing; asking for what already is has no effect. Throws `CONFLICT` when the machine must be off
   * first, `INVALID_INPUT`, `NOT_OURS`, `NOT_FOUND`, `DATASTORE_FULL`, `UNSUPPORTED`.
   */
  reconfigure(machine: OwnedMachine, change: MachineChange, call: Call): Promise<MachineInfo>
  /**
   * Destroys the machine with its disks and snapshots; a running one is switched off first.
   * Promises: of a machine that is gone, fine; media are left alone. Throws `NOT_OURS` whatever the state.
   */
  destroy(machine: OwnedMachine, call: Call): Promise<void>
}

export interface MachineSpec {
  /** 1 to 80 characters. */
  readonly name: string
  readonly cpus: number
  readonly memoryMiB: number
  readonly firmware: Firmware
  /** In order; the first is the boot disk. */
  readonly disks: readonly DiskSpec[]
  /** In order. */
  readonly nics: readonly NicSpec[]
  readonly placement: Placement
  /** What will run in it, as a catalog release id (`debian-12`); a driver maps it to its own list or ignores it. */
  readonly guestOs?: string
  /** A medium to put into the drive and to boot first. Needs the `media` facet. */
  readonly medium?: { readonly ref: string }
  readonly notes?: string
}

export type Firmware = 'bios' | 'uefi'

export interface DiskSpec {
  readonly sizeMiB: number
  readonly provisioning: 'thin' | 'thick'
  /** Overrides the placement's. */
  readonly datastore?: string
}

export interface NicSpec {
  /** The network's name on the hypervisor. */
  readonly network: string
  /** Lower case with colons. */
  readonly mac: string
}

export interface MachineInfo {
  /** Opaque: only the driver reads it. */
  readonly ref: string
  readonly name: string
  /** The ownership mark that it carries. */
  readonly key?: string
  readonly power: PowerState
  readonly cpus: number
  readonly memoryMiB: number
  readonly firmware: Firmware
  readonly disks: readonly {
    readonly sizeMiB: number
    readonly provisioning: 'thin' | 'thick'
    readonly datastore: string
  }[]
  readonly nics: readonly { readonly network: string; readonly mac: string }[]
  /** The ref of the medium in the drive. */
  readonly medium?: string
  /** What the firmware tries first. */
  readonly bootsFrom: 'disk' | 'medium'
  readonly host?: string
  readonly datacenter?: string
  readonly isTemplate: boolean
  /** What the hypervisor has been told that runs in it, in its own words. */
  readonly guestOs?: string
}

export type PowerState = 'on' | 'off' | 'suspended'

export interface MachineChange {
  readonly name?: string
  readonly cpus?: number
  readonly memoryMiB?: number
  /** New sizes by position; `undefined` leaves that disk as it is. */
  readonly diskSizesMiB?: readonly (number | undefined)[]
  /** Replaces all network cards. */
  readonly nics?: readonly NicSpec[]
}
