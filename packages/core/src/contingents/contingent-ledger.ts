import { type Clock, VirtkitError } from '@virtkit/spi'
import type { Database, Queries } from '../database/database.ts'
import { type Counter, type ContingentRow, hasRoom, moved, stateOf, staysAboveZero } from './contingent-rows.ts'
import {
  add,
  blockingDimensions,
  contingentExceeded,
  dimensions,
  negate,
  nothing,
  overdrawn,
  subtract,
} from './contingent-rules.ts'
import type { Amount, Reservation } from './contingents.ts'

/**
 * Moves the counters of groups, in the caller's transaction.
 *
 * What keeps it exact on PostgreSQL: a group's row in `contingents` is locked by whoever moves it, until their commit. Where there
 * is no such row, the group's own row is locked for share instead, so that limits cannot come into being between a charge
 * and the machine that it is for. On SQLite there is one writer at a time anyway. Locks are taken in the order group,
 * contingent, reservation; who moves several groups in one transaction does so in order of their keys.
 */
export class ContingentLedger {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  async charge(queries: Queries, groupKey: number, amount: Amount): Promise<void> {
    if (isNothing(amount) || (await this.#move(queries, groupKey, 'used', amount))) return
    if (await this.lock(queries, groupKey)) await this.#moveLocked(queries, groupKey, 'used', amount)
  }

  async reserve(queries: Queries, { groupKey, owner, amount, expiresAt }: Reservation): Promise<void> {
    const limited = await this.lock(queries, groupKey)
    const before = await this.#reservation(queries, owner)
    const held = before?.groupKey === groupKey ? before : nothing
    if (limited) await this.#moveLocked(queries, groupKey, 'reserved', subtract(amount, held), owner)
    if (before && before.groupKey !== groupKey) await this.release(queries, owner)
    const { vm, cpu, memory, disk } = amount
    await queries
      .insertInto('contingentReservations')
      .values({ id: owner, groupKey, owner, vm, cpu, memory, disk, expiresAt })
      .onConflict((conflict) => conflict.column('owner').doUpdateSet({ vm, cpu, memory, disk, expiresAt }))
      .execute()
  }

  async release(queries: Queries, owner: string): Promise<void> {
    const seen = await this.#reservation(queries, owner)
    if (!seen) return
    const limited = await this.lock(queries, seen.groupKey)
    const ended = await queries
      .deleteFrom('contingentReservations')
      .where('owner', '=', owner)
      .where('groupKey', '=', seen.groupKey)
      .returning(dimensions)
      .execute()
    if (limited) await this.#giveBack(queries, seen.groupKey, ended)
  }

  async settle(queries: Queries, owner: string, groupKey: number, amount: Amount): Promise<void> {
    await this.release(queries, owner)
    if (isNothing(amount) || !(await this.lock(queries, groupKey))) return
    if (await this.#move(queries, groupKey, 'used', amount, 'promised')) return
    throw goesBelowZero(groupKey, 'used', dimensions)
  }

  /** Ends the reservations whose time is over, in every group. Answers how many. */
  async sweep(queries: Queries): Promise<number> {
    const groups = await queries
      .selectFrom('contingentReservations')
      .select('groupKey')
      .distinct()
      .where('expiresAt', '<', this.#clock.now())
      .orderBy('groupKey')
      .execute()
    let swept = 0
    for (const { groupKey } of groups) {
      const limited = await this.lock(queries, groupKey)
      swept += await this.#sweepGroup(queries, groupKey, limited !== undefined)
    }
    return swept
  }

  /** The group's contingent, locked; without one the group cannot get one before the caller's transaction ends. */
  async lock(queries: Queries, groupKey: number): Promise<ContingentRow | undefined> {
    const postgres = this.#database.engine === 'postgres'
    const contingent = queries
      .selectFrom('contingents')
      .selectAll()
      .where('groupKey', '=', groupKey)
      .$if(postgres, (query) => query.forUpdate())
    const row = await contingent.executeTakeFirst()
    if (row || !postgres) return row
    await queries.selectFrom('userGroups').select('key').where('key', '=', groupKey).forShare().execute()
    return contingent.executeTakeFirst()
  }

  /** The only place that changes a counter: one statement that moves all of it, or nothing when there is no room. */
  async #move(queries: Queries, groupKey: number, counter: Counter, amount: Amount, how?: 'promised'): Promise<boolean> {
    const row = await queries
      .updateTable('contingents')
      .set((contingent) => moved(contingent, counter, amount))
      .where('groupKey', '=', groupKey)
      .where((contingent) => staysAboveZero(contingent, counter, amount))
      .$if(how === undefined, (query) => query.where((contingent) => hasRoom(contingent, amount)))
      .returning('key')
      .executeTakeFirst()
    return row !== undefined
  }

  /** Nobody else moves the group meanwhile: what it says when it refuses is true. */
  async #moveLocked(queries: Queries, groupKey: number, counter: Counter, amount: Amount, keep?: string): Promise<void> {
    if (isNothing(amount) || (await this.#move(queries, groupKey, counter, amount))) return
    const swept = await this.#sweepGroup(queries, groupKey, true, keep)
    if (swept > 0 && (await this.#move(queries, groupKey, counter, amount))) return
    const row = await queries
      .selectFrom('contingents')
      .selectAll()
      .where('groupKey', '=', groupKey)
      .executeTakeFirstOrThrow()
    const state = stateOf(row)
    const below = overdrawn(state[counter], amount)
    if (below.length > 0) throw goesBelowZero(groupKey, counter, below)
    throw contingentExceeded(groupKey, blockingDimensions(state, amount))
  }

  async #sweepGroup(queries: Queries, groupKey: number, limited: boolean, keep?: string): Promise<number> {
    const ended = await queries
      .deleteFrom('contingentReservations')
      .where('groupKey', '=', groupKey)
      .where('expiresAt', '<', this.#clock.now())
      .$if(keep !== undefined, (query) => query.where('owner', '<>', keep!))
      .returning(dimensions)
      .execute()
    if (limited) await this.#giveBack(queries, groupKey, ended)
    return ended.length
  }

  async #giveBack(queries: Queries, groupKey: number, ended: readonly Amount[]): Promise<void> {
    const back = negate(ended.reduce(add, nothing))
    if (isNothing(back) || (await this.#move(queries, groupKey, 'reserved', back))) return
    throw goesBelowZero(groupKey, 'reserved', dimensions)
  }

  async #reservation(queries: Queries, owner: string): Promise<(Amount & { groupKey: number }) | undefined> {
    return queries
      .selectFrom('contingentReservations')
      .select(['groupKey', 'vm', 'cpu', 'memory', 'disk'])
      .where('owner', '=', owner)
      .executeTakeFirst()
  }
}

function isNothing(amount: Amount): boolean {
  return dimensions.every((dimension) => amount[dimension] === 0)
}

/** Clamping at zero would hide that charges and what they are for have come apart. */
function goesBelowZero(group: number, counter: Counter, below: readonly string[]): VirtkitError<'INTERNAL'> {
  return new VirtkitError('INTERNAL', `Group ${group} gives back more than is ${counter}: ${below.join(', ')}.`, {
    details: {},
    hint: 'contingents.verify tells what differs from the machines. Please report it.',
  })
}
