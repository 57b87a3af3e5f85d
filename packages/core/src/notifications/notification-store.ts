import type { Notice } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import { nextAttemptAt, withAttempt } from '../callbacks/callback-rules.ts'
import type { Database, Queries } from '../database/database.ts'
import { digestOf, mostNotices } from './digest-rules.ts'
import type { NotificationTables } from './notification-tables.ts'

export type Delivery = Selectable<NotificationTables['notificationDeliveries']>
type Filter = Selectable<NotificationTables['notificationFilters']>

/**
 * Gathers notices into messages, reads and marks those. Whoever claims a message has it until the claim ends; then another may take
 * it for lost.
 */
export class NotificationStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Filters with notices that wait, whose last message is long enough ago. */
  async ripe(now: number, digestMs: number, limit: number): Promise<Filter[]> {
    return this.#database.queries
      .selectFrom('notificationFilters as filter')
      .selectAll()
      .where('gatheredAt', '<=', now - digestMs)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('notices')
            .select('notices.key')
            .whereRef('notices.filterKey', '=', 'filter.key')
            .where('notices.deliveryKey', 'is', null),
        ),
      )
      .orderBy('key')
      .limit(limit)
      .execute()
  }

  /** Makes one message of all that waits for a filter, unless somebody else just did. */
  async gather(filter: Filter, id: string, now: number): Promise<void> {
    await this.#database.transaction(async (queries) => {
      const { numUpdatedRows } = await queries
        .updateTable('notificationFilters')
        .set({ gatheredAt: now })
        .where('key', '=', filter.key)
        .where('gatheredAt', '=', filter.gatheredAt)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) return
      const { key: filterKey, type, recipient } = filter
      const fresh = { state: 'due' as const, attempts: 0, dueAt: now, problem: null, createdAt: now, endedAt: null }
      const { key } = await queries
        .insertInto('notificationDeliveries')
        .values({ id, filterKey, type, recipient, severity: 'info', title: '', text: '', ...fresh })
        .returning('key')
        .executeTakeFirstOrThrow()
      // Taken first and then read, so that nothing is taken that was stored in between and is not read.
      await queries
        .updateTable('notices')
        .set({ deliveryKey: key })
        .where('filterKey', '=', filterKey)
        .where('deliveryKey', 'is', null)
        .execute()
      const taken = queries.selectFrom('notices').where('deliveryKey', '=', key)
      const counted = await taken
        .select(({ fn }) => ['severity', fn.countAll<number>().as('count')])
        .groupBy('severity')
        .execute()
      const counts = Object.fromEntries(counted.map(({ severity, count }) => [severity, Number(count)]))
      if (counted.length === 0) {
        await queries.deleteFrom('notificationDeliveries').where('key', '=', key).execute()
        return
      }
      const digest = digestOf(await readNotices(queries, key), counts)
      await queries.updateTable('notificationDeliveries').set(digest).where('key', '=', key).execute()
    })
  }

  /** Due messages, oldest first. */
  async due(now: number, limit: number): Promise<(Delivery & { readonly user: number })[]> {
    return this.#database.queries
      .selectFrom('notificationDeliveries')
      .innerJoin('notificationFilters', 'notificationFilters.key', 'notificationDeliveries.filterKey')
      .selectAll('notificationDeliveries')
      .select('notificationFilters.userKey as user')
      .where('state', '=', 'due')
      .where('dueAt', '<=', now)
      .orderBy('notificationDeliveries.dueAt')
      .orderBy('notificationDeliveries.key')
      .limit(limit)
      .execute()
  }

  /** The oldest notices of a message. */
  noticesOf(delivery: Delivery): Promise<Notice[]> {
    return readNotices(this.#database.queries, delivery.key)
  }

  /** Answers the message with this attempt counted, or `undefined` when another sender was faster. */
  async claim<D extends Delivery>(delivery: D, until: number): Promise<D | undefined> {
    const claim = { attempts: delivery.attempts + 1, dueAt: until }
    return (await this.#change(delivery, claim)) ? { ...delivery, ...claim } : undefined
  }

  async delivered(claimed: Delivery, now: number): Promise<void> {
    const history = withAttempt(claimed.history, { at: now })
    await this.#change(claimed, { state: 'delivered', problem: null, endedAt: now, history })
  }

  async refused(claimed: Delivery, problem: string, now: number): Promise<void> {
    const history = withAttempt(claimed.history, { at: now, problem })
    await this.#change(claimed, { state: 'refused', problem, endedAt: now, history })
  }

  /** Plans the next attempt, or gives up after the last. */
  async failed(claimed: Delivery, problem: string, now: number, random: number): Promise<void> {
    const history = withAttempt(claimed.history, { at: now, problem })
    const dueAt = nextAttemptAt(claimed.attempts, now, random)
    const what = dueAt === undefined ? { state: 'dead' as const, endedAt: now } : { dueAt }
    await this.#change(claimed, { ...what, problem, history })
  }

  /** An attempt that was not finished does not count. */
  async release(claimed: Delivery, now: number): Promise<void> {
    await this.#change(claimed, { attempts: claimed.attempts - 1, dueAt: now })
  }

  /** Forgets messages that ended before, with their notices. */
  async forget(before: number): Promise<void> {
    await this.#database.queries.deleteFrom('notificationDeliveries').where('endedAt', '<', before).execute()
  }

  async #change(seen: Delivery, change: Partial<Delivery>): Promise<boolean> {
    const { numUpdatedRows } = await this.#database.queries
      .updateTable('notificationDeliveries')
      .set(change)
      .where('key', '=', seen.key)
      .where('state', '=', 'due')
      .where('attempts', '=', seen.attempts)
      .where('dueAt', '=', seen.dueAt)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }
}

function readNotices(queries: Queries, deliveryKey: number): Promise<Notice[]> {
  return queries
    .selectFrom('notices')
    .select(['severity', 'title', 'text', 'subject', 'at'])
    .where('deliveryKey', '=', deliveryKey)
    .orderBy('key')
    .limit(mostNotices)
    .execute()
}
