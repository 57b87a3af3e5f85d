import type { By } from '../access/actor.ts'
import type { Amount } from '../contingents/contingents.ts'
import type { MachineState } from '../machines/machine-tables.ts'
import type { Operation } from '../operations/operations.ts'

/** Numbers about all of an installation, for whoever watches it. */
export interface Statistics {
  /**
   * How much there is of everything now. Promises: a handful of counting queries, whatever the number of operations that have
   * ended; each is true at a moment of its own. Throws `FORBIDDEN` without `metrics:read`.
   *
   * @example
   * ```ts
   * const { callbacks } = await kit.statistics.read()
   * if (callbacks.dead > 0) console.warn(`${callbacks.dead} callbacks were given up`)
   * ```
   */
  read(by?: By): Promise<InstallationStatistics>
}

export interface InstallationStatistics {
  /** Those under way, by kind and state. */
  readonly operations: readonly OperationCount[]
  readonly machines: readonly { readonly state: MachineState; readonly count: number }[]
  /** Of groups that have one; memory and disk are MiB. */
  readonly contingents: readonly ContingentStatistics[]
  readonly addresses: readonly AddressStatistics[]
  /** Callbacks that are still to be delivered, and that were given up. */
  readonly callbacks: { readonly due: number; readonly dead: number }
}

export interface OperationCount {
  readonly kind: string
  readonly state: Operation['state']
  readonly count: number
}

export interface ContingentStatistics {
  readonly group: number
  readonly name: string
  readonly limits: Amount
  readonly used: Amount
  readonly reserved: Amount
}

export interface AddressStatistics {
  readonly network: number
  readonly name: string
  readonly used: number
  readonly held: number
  readonly quarantined: number
  /**
   * Addresses of the range less those that are not free, which may lie outside of the range: at least so many are free. Left out for
   * networks that hand out none.
   */
  readonly free?: number
}
