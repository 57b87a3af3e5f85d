import type { MacRange } from '../values/mac-address.ts'
import type { StandardSchema } from '../values/standard-schema.ts'
import type { Call } from './call.ts'
import type { Hypervisor } from './hypervisor.ts'

/**
 * A kind of hypervisor. Hosts compose kinds (`drivers: [simulated, mine]`); clusters of a kind are registered at run time.
 */
export interface HypervisorDriver<Options = never> {
  /** The version of this contract that the driver was written for. */
  readonly spec: 1
  /** The cluster `type`: `'vmware'`, `'proxmox'`, `'libvirt'`, `'simulated'`, or yours; lower case, no spaces. */
  readonly name: string
  /**
   * Validates and documents what a cluster row holds. It is given the cluster's own options together with its credentials:
   * `url`, `username`, `password` (a `Secret`), `insecure` (do not verify TLS) and `http` (plain HTTP).
   */
  readonly options: StandardSchema<Options>
  /** The hypervisor's own range of MAC addresses; without it, locally administered ones are made. */
  readonly macRange?: MacRange
  /**
   * Opens a session.
   *
   * Promises: checks that the hypervisor answers and that the credentials are good before it returns; keeps no state outside
   * of what it returns. Throws `HYPERVISOR_UNAVAILABLE`, `UNAUTHENTICATED`, `INVALID_INPUT` or `CANCELLED`.
   */
  connect(options: Options, call: Call): Promise<Hypervisor>
}

/** Any driver, whatever its options: what a host puts into its list. */
// Nobody can call `connect` of it before its `options` have validated what they are given.
export interface AnyDriver extends Omit<HypervisorDriver<never>, 'options'> {
  readonly options: StandardSchema
}

/**
 * Types a driver as it is written; it changes nothing.
 *
 * @example
 * ```ts
 * export const acme = defineDriver({
 *   spec: 1,
 *   name: 'acme',
 *   options: acmeOptions,
 *   connect: async (options, call) => openAcme(options, call),
 * })
 * ```
 */
export function defineDriver<Options>(driver: HypervisorDriver<Options>): HypervisorDriver<Options> {
  return driver
}
