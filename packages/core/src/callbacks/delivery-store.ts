import type { Selectable } from 'kysely'
import type { Database } from '../database/database.ts'
import { nextAttemptAt } from './callback-rules.ts'
import type { CallbackTables } from './callback-tables.ts'

export type Delivery = Selectable<CallbackTables['callbackDeliveries']>

/** Reads and marks deliveries. Whoever claims one has it until the claim ends; then another may take it for lost. */
export class DeliveryStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Due deliveries that no earlier one of the same callback and subject is before, oldest first. */
  async due(now: number, limit: number): Promise<Delivery[]> {
    return this.#database.queries
      .selectFrom('callbackDeliveries as delivery')
      .selectAll()
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

  async delivered(claimed: Delivery): Promise<void> {
    await this.#change(claimed, { state: 'delivered' })
  }

  /** Plans the next attempt, or gives up after the last. */
  async failed(claimed: Delivery, now: number): Promise<void> {
    const dueAt = nextAttemptAt(claimed.attempts, now)
    await this.#change(claimed, dueAt === undefined ? { state: 'dead' } : { dueAt })
  }

  /** An attempt that was not finished does not count. */
  async release(claimed: Delivery, now: number): Promise<void> {
    await this.#change(claimed, { attempts: claimed.attempts - 1, dueAt: now })
  }

  /** The sealed secret that signs it. */
  async secretOf(delivery: Delivery): Promise<string | undefined> {
    const row = await this.#database.queries
      .selectFrom('callbacks')
      .select('secret')
      .where('key', '=', delivery.callbackKey)
      .executeTakeFirst()
    return row?.secret
  }

  async #change(seen: Delivery, change: Partial<Delivery>): Promise<boolean> {
    const { numUpdatedRows } = await this.#database.queries
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
