import type { Call, KeyedCall, OwnedMachine } from './call.ts'
import type { MachineInfo, NicSpec } from './machine-operations.ts'
import type { Placement } from './inventory-operations.ts'

export interface TemplateOperations {
  /** Promises: complete, the hypervisor's own templates included. */
  list(call: Call): Promise<readonly MachineInfo[]>
  /** Turns a stopped machine of ours into a template. Promises: again, no effect. Throws `CONFLICT` while it runs, `NOT_OURS`. */
  register(machine: OwnedMachine, call: Call): Promise<void>
  /**
   * Makes a machine from a template; off, marked with `call.key`. Promises as `machines.create`; the template does not change.
   * `customisation` reaches the guest through cloud-init or the hypervisor's own means. Throws `NOT_FOUND`, `INVALID_INPUT` for
   * disks smaller than the template's.
   */
  clone(template: string, spec: CloneSpec, call: KeyedCall): Promise<MachineInfo>
}

export interface CloneSpec {
  readonly name: string
  readonly placement: Placement
  readonly cpus?: number
  readonly memoryMiB?: number
  /** The size of the first disk; it only grows. */
  readonly diskSizeMiB?: number
  readonly nics: readonly NicSpec[]
  readonly customisation?: GuestCustomisation
}

export interface GuestCustomisation {
  readonly hostname: string
  /** In the order of the network cards; `undefined` is DHCP. `address` with its prefix: `10.20.0.5/24`. */
  readonly networks: readonly (
    | { readonly address: string; readonly gateway?: string; readonly dns: readonly string[] }
    | undefined
  )[]
  readonly sshKeys: readonly string[]
}
