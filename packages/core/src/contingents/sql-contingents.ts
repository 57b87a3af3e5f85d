import { type Clock, type VirtkitError, isVirtkitError, notFound } from '@virtkit/spi'
import type { SelectQueryBuilder } from 'kysely'
import type { Access } from '../access/access.ts'
import type { Actor, By } from '../access/actor.ts'
import { conflict, explainClash } from '../access/clash.ts'
import { Combiner } from '../database/combiner.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import type { Events } from '../events/events.ts'
import { isKey } from '../options/fields.ts'
import { findDrift } from './contingent-drift.ts'
import { ContingentLedger } from './contingent-ledger.ts'
import {
  type ContingentRow,
  contingentOf,
  counterColumns,
  limitColumns,
  promised,
  stateOf,
  usedByMachines,
} from './contingent-rows.ts'
import { blockingDimensions, freeOf, parseAmount, parseLimits, subtract } from './contingent-rules.ts'
import { reserveQuickly } from './reserve-quickly.ts'
import type {
  Amount,
  Contingent,
  ContingentDrift,
  ContingentLimits,
  ContingentPlan,
  Contingents,
  Reservation,
} from './contingents.ts'

/** How many reservations share one commit at most. */
const mostTogether = 64
/** The line of all groups together; no group has this key. */
const everybody = 0

export class SqlContingents implements Contingents {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #clock: Clock
  readonly #ledger: ContingentLedger
  readonly #together: Combiner<Reservation, boolean>

  constructor(database: Database, access: Access, events: Events, clock: Clock) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#clock = clock
    this.#ledger = new ContingentLedger(database, clock)
    this.#together = new Combiner((_line, reservations) => this.#reserveAll(reservations), mostTogether)
  }

  async set(groupKey: number, limits: ContingentLimits, by?: By): Promise<Contingent> {
    const actor = this.#access.require(by, 'contingents:write')
    const columns = limitColumns(parseLimits(limits))
    return this.#database.transaction(async (queries) => {
      await this.#requireGroup(queries, actor, groupKey, 'lock')
      const update = queries.updateTable('contingents').set(columns).where('groupKey', '=', groupKey).returningAll()
      const updated = await update.executeTakeFirst()
      const row = updated ?? (await this.#create(queries, groupKey, columns))
      await this.#tell(queries, updated ? 'contingent.updated' : 'contingent.created', row)
      return contingentOf(row)
    })
  }

  async add(groupKey: number, limits: ContingentLimits, by?: By): Promise<Contingent> {
    const actor = this.#access.require(by, 'contingents:write')
    const columns = limitColumns(parseLimits(limits))
    const write = this.#database.transaction(async (queries) => {
      await this.#requireGroup(queries, actor, groupKey, 'lock')
      const row = await this.#create(queries, groupKey, columns)
      await this.#tell(queries, 'contingent.created', row)
      return contingentOf(row)
    })
    return explainClash(write, { unique: (cause) => hasLimits(groupKey, cause) })
  }

  async update(key: number, groupKey: number, limits: ContingentLimits, by?: By): Promise<Contingent> {
    const actor = this.#access.require(by, 'contingents:write')
    const columns = limitColumns(parseLimits(limits))
    const write = this.#database.transaction(async (queries) => {
      const before = await this.#row(queries, actor, key)
      const groups = new Set([before.groupKey, groupKey])
      for (const group of [...groups].toSorted((a, b) => a - b)) await this.#requireGroup(queries, actor, group, 'lock')
      const isMoved = groupKey !== before.groupKey
      const counters = isMoved ? await countersOf(queries, groupKey) : {}
      const row = await queries
        .updateTable('contingents')
        .set({ groupKey, ...columns, ...counters })
        .where('key', '=', key)
        .where('groupKey', '=', before.groupKey)
        .returningAll()
        .executeTakeFirst()
      if (!row) throw await this.#wasMoved(queries, actor, key)
      await this.#tell(queries, 'contingent.updated', row)
      return contingentOf(row)
    })
    return explainClash(write, { unique: (cause) => hasLimits(groupKey, cause) })
  }

  async get(key: number, by?: By): Promise<Contingent> {
    const actor = this.#access.require(by, 'contingents:read')
    return contingentOf(await this.#row(this.#database.queries, actor, key))
  }

  async ofGroup(groupKey: number, by?: By): Promise<Contingent | undefined> {
    const actor = this.#access.require(by, 'contingents:read')
    if (!isKey(groupKey)) return undefined
    const row = await this.#visible(this.#database.queries, actor).where('groupKey', '=', groupKey).executeTakeFirst()
    return row && contingentOf(row)
  }

  async list(by?: By): Promise<readonly Contingent[]> {
    const actor = this.#access.require(by, 'contingents:read')
    const rows = await this.#visible(this.#database.queries, actor).orderBy('key').execute()
    return rows.map(contingentOf)
  }

  async remove(key: number, by?: By): Promise<void> {
    const actor = this.#access.require(by, 'contingents:write')
    await this.#database.transaction(async (queries) => {
      const row = await this.#row(queries, actor, key)
      await this.#requireGroup(queries, actor, row.groupKey, 'lock')
      const gone = await queries.deleteFrom('contingents').where('key', '=', key).returning('key').executeTakeFirst()
      if (!gone) throw notFound('contingent', key)
      await this.#tell(queries, 'contingent.removed', row)
    })
  }

  async plan(groupKey: number, amount: Amount, by?: By): Promise<ContingentPlan> {
    const actor = this.#access.require(by, 'contingents:read')
    const asked = parseAmount(amount)
    const queries = this.#database.queries
    await this.#requireGroup(queries, actor, groupKey)
    const row = await queries.selectFrom('contingents').selectAll().where('groupKey', '=', groupKey).executeTakeFirst()
    if (!row) return { fits: true, blocking: [] }
    const state = stateOf(row)
    // A charge would sweep these first.
    const over = await promised(queries, groupKey, { expiredAt: this.#clock.now() })
    const swept = { ...state, reserved: subtract(state.reserved, over) }
    const blocking = blockingDimensions(swept, asked)
    return { fits: blocking.length === 0, blocking, free: freeOf(swept) }
  }

  async charge(queries: Queries, groupKey: number, amount: Amount): Promise<void> {
    const asked = parseAmount(amount)
    await this.#database.within(queries, (inner) => this.#ledger.charge(inner, groupKey, asked))
  }

  async reserve(queries: Queries, reservation: Reservation): Promise<void> {
    const asked = { ...reservation, amount: parseLimits(reservation.amount) }
    const granted = queries.isTransaction
      ? (await reserveQuickly(this.#database, queries, [asked]))[0]
      : await this.#reserveTogether(asked)
    if (!granted) await this.#database.within(queries, (inner) => this.#ledger.reserve(inner, asked))
  }

  async release(queries: Queries, owner: string): Promise<void> {
    await this.#database.within(queries, (inner) => this.#ledger.release(inner, owner))
  }

  async settle(queries: Queries, owner: string, groupKey: number, amount: Amount): Promise<void> {
    const asked = parseAmount(amount)
    await this.#database.within(queries, (inner) => this.#ledger.settle(inner, owner, groupKey, asked))
  }

  async sweep(queries: Queries): Promise<number> {
    return this.#database.within(queries, (inner) => this.#ledger.sweep(inner))
  }

  async verify(by?: By): Promise<readonly ContingentDrift[]> {
    const actor = this.#access.require(by, 'contingents:read')
    const groups = this.#access.groupsOf(actor)
    const drift = await findDrift(this.#database.queries)
    return groups === 'all' ? drift : drift.filter(({ group }) => groups.includes(group))
  }

  /** Without a transaction of the caller's, those who come at once share one; with those of other groups, as long as none is locked. */
  async #reserveTogether(reservation: Reservation): Promise<boolean> {
    try {
      return await this.#together.call(everybody, reservation)
    } catch (error) {
      if (!isVirtkitError(error, 'DATABASE_UNAVAILABLE') || error.details.reason !== 'locked') throw error
      return this.#together.call(reservation.groupKey, reservation)
    }
  }

  #reserveAll(reservations: readonly Reservation[]): Promise<readonly boolean[]> {
    const { queries } = this.#database
    const isOneStatement = this.#database.engine === 'postgres' || reservations.length === 1
    if (isOneStatement) return reserveQuickly(this.#database, queries, reservations)
    return this.#database.transaction((inner) => reserveQuickly(this.#database, inner, reservations))
  }

  /** Nobody can charge the group meanwhile who would not be counted: see the ledger. */
  async #create(queries: Queries, groupKey: number, columns: ReturnType<typeof limitColumns>): Promise<ContingentRow> {
    return queries
      .insertInto('contingents')
      .values({ groupKey, ...columns, ...(await countersOf(queries, groupKey)) })
      .returningAll()
      .executeTakeFirstOrThrow()
  }

  /** What became of it while its group was waited for. */
  async #wasMoved(queries: Queries, actor: Actor, key: number): Promise<VirtkitError> {
    const { groupKey } = await this.#row(queries, actor, key)
    return conflict(`Contingent ${key} has just become that of group ${groupKey}; look again.`, { field: 'group' })
  }

  async #requireGroup(queries: Queries, actor: Actor, key: number, lock?: 'lock'): Promise<void> {
    const groups = this.#access.groupsOf(actor)
    const seen = isKey(key) && (groups === 'all' || groups.includes(key))
    const query = queries
      .selectFrom('userGroups')
      .select('key')
      .where('key', '=', key)
      // Waits for charges of a group without limits, and lets through machines that only refer to the group.
      .$if(lock !== undefined && this.#database.engine === 'postgres', (select) => select.forNoKeyUpdate())
    if (!seen || !(await query.executeTakeFirst())) throw notFound('group', key)
  }

  #visible(queries: Queries, actor: Actor): SelectQueryBuilder<Schema, 'contingents', ContingentRow> {
    const query = queries.selectFrom('contingents').selectAll()
    const groups = this.#access.groupsOf(actor)
    // An empty list is no SQL; no group has the key 0.
    return groups === 'all' ? query : query.where('groupKey', 'in', groups.length > 0 ? groups : [0])
  }

  async #row(queries: Queries, actor: Actor, key: number): Promise<ContingentRow> {
    const row = isKey(key) ? await this.#visible(queries, actor).where('key', '=', key).executeTakeFirst() : undefined
    if (!row) throw notFound('contingent', key)
    return row
  }

  async #tell(queries: Queries, type: string, row: ContingentRow): Promise<void> {
    const { key, group, limits } = contingentOf(row)
    await this.#events.append(queries, { type, subject: `contingent/${key}`, group, data: { group, limits } })
  }
}

/** What the group has now; it must be locked. */
async function countersOf(queries: Queries, groupKey: number): Promise<ReturnType<typeof counterColumns>> {
  return counterColumns(await usedByMachines(queries, groupKey), await promised(queries, groupKey))
}

function hasLimits(groupKey: number, cause: unknown): VirtkitError {
  return conflict(`Group ${groupKey} has a contingent already; change that one.`, { field: 'group' }, cause)
}
