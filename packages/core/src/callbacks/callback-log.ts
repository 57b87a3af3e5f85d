import { notFound } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import type { Database, Queries } from '../database/database.ts'
import { isKey, pageLimit } from '../options/fields.ts'
import { attemptsFrom, beginningOf, urlFor, whenOf, whens } from './callback-rules.ts'
import type { CallbackTables } from './callback-tables.ts'
import type { CallbackDelivery, CallbackNotice, CallbackPage } from './callbacks.ts'

type DeliveryRow = Selectable<CallbackTables['callbackDeliveries']>
type CallbackRow = Selectable<CallbackTables['callbacks']>

/** Deliveries as people see them: what was told, what waits, what nobody took, and telling it again. */
export class CallbackLog {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Newest first. */
  async list(callback: number, { state, before, limit }: CallbackPage): Promise<readonly CallbackDelivery[]> {
    const rows = await this.#database.queries
      .selectFrom('callbackDeliveries')
      .selectAll()
      .where('callbackKey', '=', callback)
      .$if(state !== undefined, (query) => query.where('state', '=', state!))
      .$if(isKey(before), (query) => query.where('key', '<', before!))
      .orderBy('key', 'desc')
      .limit(pageLimit(limit))
      .execute()
    return rows.map(toDelivery)
  }

  async get(queries: Queries, callback: number, key: number): Promise<CallbackDelivery> {
    const row = isKey(key)
      ? await queries
          .selectFrom('callbackDeliveries')
          .selectAll()
          .where('callbackKey', '=', callback)
          .where('key', '=', key)
          .executeTakeFirst()
      : undefined
    if (!row) throw notFound('delivery', key)
    return toDelivery(row)
  }

  /** Makes dead letters due again, all of a callback or one; each goes where such things go now. Answers how many. */
  async revive(queries: Queries, callback: CallbackRow, now: number, delivery?: number): Promise<number> {
    let count = 0n
    for (const when of whens) {
      const url = urlFor(callback, when)
      const { numUpdatedRows } = await queries
        .updateTable('callbackDeliveries')
        .set({ state: 'due', attempts: 0, dueAt: now, endedAt: null, ...(url === undefined ? {} : { url }) })
        .where('callbackKey', '=', callback.key)
        .where('state', '=', 'dead')
        .where('body', 'like', `${beginningOf(when)}%`)
        .$if(delivery !== undefined, (query) => query.where('key', '=', delivery!))
        .executeTakeFirst()
      count += numUpdatedRows
    }
    return Number(count)
  }

  /** Sends what waits to another URL. What is under way goes to the one that it had. */
  async redirect(
    queries: Queries,
    callback: number,
    when: CallbackNotice['when'],
    url: string,
    now: number,
  ): Promise<void> {
    await queries
      .updateTable('callbackDeliveries')
      .set({ url, dueAt: now })
      .where('callbackKey', '=', callback)
      .where('state', '=', 'due')
      .where('body', 'like', `${beginningOf(when)}%`)
      .execute()
  }
}

function toDelivery(row: DeliveryRow): CallbackDelivery {
  const { key, callbackKey, id, body, subject, url, state, attempts, history, problem, createdAt, dueAt, endedAt } = row
  const known = { key, callback: callbackKey, id, when: whenOf(body), subject, url, state, attempts, createdAt }
  return {
    ...known,
    history: attemptsFrom(history),
    ...(problem === null ? {} : { problem }),
    ...(state === 'due' ? { dueAt } : {}),
    ...(endedAt === null ? {} : { endedAt }),
  }
}
