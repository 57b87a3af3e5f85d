import type { AnyDriver } from '../driver/hypervisor-driver.ts'
import type { Placement } from '../driver/inventory-operations.ts'

/**
 * What the author of a driver hands in to have it checked. Only `driver` and `options` are needed; each hook lets more cases
 * run, and a case that lacks its hook is skipped with that reason.
 *
 * A target cannot say what the driver claims: the facets of an open session and their `supports` decide that alone.
 *
 * @example
 * ```ts
 * describeDriver({ describe, it }, { driver: acme, options: { url: 'http://127.0.0.1:9' } })
 * ```
 */
export interface DriverTarget extends TargetHooks {
  readonly driver: AnyDriver
  /** As a cluster row holds them: they go through `driver.options` before every `connect`. */
  readonly options: unknown
  /** Where machines are made; what is left out is found by inventory. */
  readonly place?: {
    readonly placement?: Placement
    readonly networks?: readonly string[]
  }
  /** How long one case may take. Default 30,000. */
  readonly caseTimeoutMs?: number
}

/** Ways past the driver, straight to the hypervisor or the guest. All are optional. */
export interface TargetHooks {
  /** The content of a machine's first disk. `read` answers what `write` wrote last, or undefined. */
  readonly disk?: GuestContent
  /** The memory of a running machine; it is gone once the machine is off. */
  readonly memory?: GuestContent
  /** The bytes of a stored medium. */
  readonly readMedium?: (ref: string) => Promise<Uint8Array>
  /** The next call of this method is carried out, and its answer is lost. */
  readonly loseNextAnswer?: (method: FaultableMethod) => void | Promise<void>
  /** The next call of this method reaches the hypervisor and is never answered. `hanging` resolves when it is under way. */
  readonly hangNextCall?: (method: FaultableMethod) => { readonly hanging: Promise<void> }
  /** How many sockets, files, timers and sessions the driver has open, over all its connections. */
  readonly openHandles?: () => number | Promise<number>
  /** Moves a machine to another host by the hypervisor's own means. */
  readonly moveToAnotherHost?: (ref: string) => Promise<void>
  /** Options with a wrong password or token. */
  readonly badCredentials?: unknown
  /** Options of a hypervisor that does not answer, such as a closed port. */
  readonly unreachable?: unknown
  /** Texts that must not stand in any error: the password and tokens in `options`. */
  readonly secrets?: readonly string[]
  /** How many machines it is cheap to make. With more than 1,000 the case of the long list runs. */
  readonly manyMachines?: number
}

/** The optional parts of a target, by name. */
export type TargetHook = keyof TargetHooks

/** What the guest holds; found by the machine's ref. */
export interface GuestContent {
  write(ref: string, text: string): Promise<void>
  read(ref: string): Promise<string | undefined>
}

/** Calls whose answers the cases lose or withhold. */
export type FaultableMethod =
  | 'machines.create'
  | 'machines.reconfigure'
  | 'machines.destroy'
  | 'power.on'
  | 'snapshots.create'
  | 'templates.clone'
