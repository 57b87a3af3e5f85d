import type { Selectable } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { nextAttemptAt, withAttempt } from './callback-rules.ts'
import type { SealedSecrets } from './callback-secrets.ts'
import type { CallbackTables } from './callback-tables.ts'

export type Delivery = Selectable<CallbackTables['callbackDeliveries']>

const day = 24 * 3_600_000
/** How long a delivery is kept after it has ended. */
const keptMs = { delivered: 30 * day, dead: 90 * day }

/** Reads and marks deliveries. Whoever claims one has it until the claim ends; then another may take it for lost. */
export class DeliveryStore {
  readonly #database: Database
  readonly #events: Events

  constructor(database: Database, events: Events) {
    this.#database = database
    this.#events = events
  }

  /** Callbacks of which something is due, though perhaps behind something that is not. */
  async callbacksDue(now: number): Promise<number[]> {
    const rows = await this.#database.queries
      .selectFrom('callbackDeliveries')
      .select('callbackKey')
      .distinct()
      .where('state', '=', 'due')
      .where('dueAt', '<=', now)
      .execute()
    return rows.map(({ callbackKey }) => callbackKey)
  }

  /** Due deliveries of a callback that no earlier one about the same subject is before, oldest first. */
  async due(callback: number, now: number, limit: number): Promise<Delivery[]> {
    return this.#database.queries
      .selectFrom('callbackDeliveries as delivery')
      .selectAll()
      .where('callbackKey', '=', callback)
      .where('state', '=', 'due')
      .where('dueAt', '<=', now)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('callbackDeliveries as earlier')
              .select('earlier.key')
              .whereRef('earlier.callbackKey', '=', 'delivery.callbackKey')
              .whereRef('earlier.subject', '=', 'delivery.subject')
              .whereRef('earlier.key', '<', 'delivery.key')
              .where('earlier.state', '=', 'due'),
          ),
        ),
      )
      .orderBy('key')
      .limit(limit)
      .execute()
  }

  /** Answers the delivery with this attempt counted, or `undefined` when another sender was faster. */
  async claim(delivery: Delivery, until: number): Promise<Delivery | undefined> {
    const claim = { attempts: delivery.attempts + 1, dueAt: until }
    return (await this.#change(delivery, claim)) ? { ...delivery, ...claim } : undefined
  }

  async delivered(claimed: Delivery, now: number): Promise<void> {
    const history = withAttempt(claimed.history, { at: now })
    await this.#change(claimed, { state: 'delivered', problem: null, endedAt: now, history })
  }

  /** Plans the next attempt, not before a receiver's rest is over; gives up after the last, and tells of it. */
  async failed(
    claimed: Delivery,
    failure: { readonly problem: string; readonly isFinal?: boolean; readonly restMs?: number },
    now: number,
    random: number,
  ): Promise<void> {
    const { problem, isFinal = false, restMs = 0 } = failure
    const history = withAttempt(claimed.history, { at: now, problem })
    const next = isFinal ? undefined : nextAttemptAt(claimed.attempts, now, random)
    if (next !== undefined) {
      await this.#change(claimed, { dueAt: Math.max(next, now + restMs), problem, history })
      return
    }
    await this.#database.transaction(async (queries) => {
      if (!(await this.#change(claimed, { state: 'dead', problem, endedAt: now, history }, queries))) return
      const data = { delivery: claimed.key, about: claimed.subject, problem }
      await this.#events.append(queries, { type: 'callback.given-up', subject: `callback/${claimed.callbackKey}`, data })
    })
  }

  /** An attempt that was not finished does not count. */
  async release(claimed: Delivery, now: number): Promise<void> {
    await this.#change(claimed, { attempts: claimed.attempts - 1, dueAt: now })
  }

  /** The sealed secrets that sign it. */
  async secretsOf(delivery: Delivery): Promise<SealedSecrets | undefined> {
    return this.#database.queries
      .selectFrom('callbacks')
      .select(['key', 'secret', 'formerSecret', 'formerUntil'])
      .where('key', '=', delivery.callbackKey)
      .executeTakeFirst()
  }

  /** Forgets what ended long ago. */
  async tidy(now: number): Promise<void> {
    const { queries } = this.#database
    for (const state of ['delivered', 'dead'] as const) {
      const old = queries.deleteFrom('callbackDeliveries').where('state', '=', state)
      await old.where('endedAt', '<', now - keptMs[state]).execute()
    }
  }

  async #change(seen: Delivery, change: Partial<Delivery>, queries = this.#database.queries): Promise<boolean> {
    const { numUpdatedRows } = await queries
      .updateTable('callbackDeliveries')
      .set(change)
      .where('key', '=', seen.key)
      .where('state', '=', 'due')
      .where('attempts', '=', seen.attempts)
      .where('dueAt', '=', seen.dueAt)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }
}
