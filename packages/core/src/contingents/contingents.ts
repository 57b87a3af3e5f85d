import type { BlockingDimension } from '@virtkit/spi'
import type { By } from '../access/actor.ts'
import type { Queries } from '../database/database.ts'

/**
 * Limits of groups, and what they have used. A group without a contingent has no limit.
 *
 * What takes `queries` runs in the caller's transaction. Handed the database's own `queries` instead, each call is a transaction
 * of its own; reservations that come at once share one.
 */
export interface Contingents {
  /** Sets or replaces a group's limits. Below its use is allowed; it blocks growth only. Throws `NOT_FOUND`, `INVALID_INPUT`. */
  set(groupKey: number, limits: ContingentLimits, by?: By): Promise<Contingent>
  /** Gives limits to a group that has none. Throws `CONFLICT` when it has some, `NOT_FOUND`, `INVALID_INPUT`. */
  add(groupKey: number, limits: ContingentLimits, by?: By): Promise<Contingent>
  /**
   * Replaces the limits, and whose they are: given another group, the one before has none from then on. Throws `CONFLICT` when that
   * group has some already, `NOT_FOUND`, `INVALID_INPUT`.
   */
  update(key: number, groupKey: number, limits: ContingentLimits, by?: By): Promise<Contingent>
  get(key: number, by?: By): Promise<Contingent>
  ofGroup(groupKey: number, by?: By): Promise<Contingent | undefined>
  list(by?: By): Promise<readonly Contingent[]>
  /** Removes the limits; the machines stay. */
  remove(key: number, by?: By): Promise<void>
  /** What an amount would do to a group now: nothing is charged. */
  plan(groupKey: number, amount: Amount, by?: By): Promise<ContingentPlan>
  /**
   * Charges what a machine has on paper; negative amounts give back. In the caller's transaction, so that charge and machine come
   * and go together. Promises: exact under concurrency. Who charges several groups in one transaction does so in order of their
   * keys. Throws `CONTINGENT_EXCEEDED` with every dimension that blocks; growth only.
   */
  charge(queries: Queries, groupKey: number, amount: Amount): Promise<void>
  /**
   * Promises growth to an operation until `expiresAt`. The same owner's reservation is replaced. Throws `CONTINGENT_EXCEEDED`.
   */
  reserve(queries: Queries, reservation: Reservation): Promise<void>
  /** Ends a reservation that was not used. Promises: again, no effect. */
  release(queries: Queries, owner: string): Promise<void>
  /** Ends a reservation and charges what came of it, without asking again: it was promised. */
  settle(queries: Queries, owner: string, groupKey: number, amount: Amount): Promise<void>
  /**
   * Ends reservations whose time is over and answers how many; a refusal does so first by itself, for its group. Promises: again,
   * no effect.
   */
  sweep(queries: Queries): Promise<number>
  /** Recomputes use and reservations from the machines, and tells every difference. It must find none. */
  verify(by?: By): Promise<readonly ContingentDrift[]>
}

/** Of each dimension; memory and disk are MiB. */
export interface Amount {
  readonly vm: number
  readonly cpu: number
  readonly memory: number
  readonly disk: number
}

export type ContingentLimits = Amount

export interface Contingent {
  readonly key: number
  readonly group: number
  readonly limits: Amount
  readonly used: Amount
  readonly reserved: Amount
}

export interface ContingentPlan {
  readonly fits: boolean
  /** As `CONTINGENT_EXCEEDED` would say it; memory and disk are MiB. */
  readonly blocking: readonly BlockingDimension[]
  /** What would still fit of each dimension, memory and disk in MiB; `undefined` without a limit. */
  readonly free?: Amount
}

export interface Reservation {
  readonly groupKey: number
  readonly owner: string
  readonly amount: Amount
  readonly expiresAt: number
}

export interface ContingentDrift {
  readonly group: number
  readonly dimension: keyof Amount
  readonly kind: 'used' | 'reserved'
  readonly recorded: number
  readonly actual: number
}
