import { type Clock, type Secret, notFound } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import { conflict, explainClash } from '../access/clash.ts'
import type { Keyring } from '../access/keyring.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { isKey } from '../options/fields.ts'
import { type ParsedCallback, bodyOf, parseCallback, urlFor } from './callback-rules.ts'
import type { CallbackTables } from './callback-tables.ts'
import type { Callback, CallbackInput, CallbackNotice, Callbacks } from './callbacks.ts'
import { newSigningSecret } from './signature.ts'

type CallbackRow = Selectable<CallbackTables['callbacks']>

/** Callbacks in the database, their signing secrets sealed. */
export class SqlCallbacks implements Callbacks {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #keyring: Keyring
  readonly #clock: Clock

  constructor(database: Database, access: Access, events: Events, keyring: Keyring, clock: Clock) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#keyring = keyring
    this.#clock = clock
  }

  async add(input: CallbackInput, by?: By): Promise<Callback & { readonly secret: Secret }> {
    this.#access.require(by, 'callbacks:write')
    const callback = parseCallback(input)
    const secret = newSigningSecret()
    return this.#database.transaction(async (queries) => {
      const insert = queries.insertInto('callbacks').values({ ...columnsOf(callback), secret: '' })
      const { key } = await insert.returning('key').executeTakeFirstOrThrow()
      // Sealed to its place, which is known only now.
      const sealed = this.#keyring.seal(secret, secretContext(key))
      await queries.updateTable('callbacks').set({ secret: sealed }).where('key', '=', key).execute()
      await this.#tell(queries, 'created', key)
      return { ...toCallback(await loadCallback(queries, key)), secret }
    })
  }

  async get(key: number, by?: By): Promise<Callback> {
    this.#access.require(by, 'callbacks:read')
    return toCallback(await loadCallback(this.#database.queries, key))
  }

  async list(by?: By): Promise<readonly Callback[]> {
    this.#access.require(by, 'callbacks:read')
    const rows = await this.#database.queries.selectFrom('callbacks').selectAll().orderBy('key').execute()
    return rows.map(toCallback)
  }

  async update(key: number, input: CallbackInput, by?: By): Promise<Callback> {
    this.#access.require(by, 'callbacks:write')
    const callback = parseCallback(input)
    return this.#database.transaction(async (queries) => {
      await loadCallback(queries, key)
      await queries.updateTable('callbacks').set(columnsOf(callback)).where('key', '=', key).execute()
      await this.#tell(queries, 'updated', key)
      return toCallback(await loadCallback(queries, key))
    })
  }

  async remove(key: number, by?: By): Promise<void> {
    this.#access.require(by, 'callbacks:write')
    const used = (cause?: unknown) =>
      conflict(`A cluster uses callback ${key}; take it off there first.`, { with: 'clusters' }, cause)
    const write = this.#database.transaction(async (queries) => {
      await loadCallback(queries, key)
      const user = await queries
        .selectFrom('clusterCallbacks')
        .select('clusterKey')
        .where('callbackKey', '=', key)
        .executeTakeFirst()
      if (user) throw used()
      await queries.deleteFrom('callbacks').where('key', '=', key).execute()
      await this.#tell(queries, 'removed', key)
    })
    return explainClash(write, { reference: used })
  }

  async enqueue(queries: Queries, clusterKey: number, notice: CallbackNotice): Promise<void> {
    const callbacks = await queries
      .selectFrom('callbacks')
      .innerJoin('clusterCallbacks', 'clusterCallbacks.callbackKey', 'callbacks.key')
      .selectAll('callbacks')
      .where('clusterCallbacks.clusterKey', '=', clusterKey)
      .orderBy('callbacks.key')
      .execute()
    const now = this.#clock.now()
    const body = bodyOf(notice)
    const deliveries = callbacks.flatMap((callback) => {
      const url = urlFor(callback, notice.when)
      if (url === undefined) return []
      const due = { state: 'due' as const, attempts: 0, dueAt: now, createdAt: now }
      return [
        { id: `msg_${notice.id}_${callback.key}`, callbackKey: callback.key, subject: notice.subject, url, body, ...due },
      ]
    })
    if (deliveries.length === 0) return
    await queries
      .insertInto('callbackDeliveries')
      .values(deliveries)
      .onConflict((twice) => twice.column('id').doNothing())
      .execute()
  }

  #tell(queries: Queries, what: string, key: number): Promise<void> {
    return this.#events.append(queries, { type: `callback.${what}`, subject: `callback/${key}` })
  }
}

/** What a signing secret is sealed to. */
export function secretContext(callbackKey: number): string {
  return `callbacks/${callbackKey}/secret`
}

async function loadCallback(queries: Queries, key: number): Promise<CallbackRow> {
  const row = isKey(key)
    ? await queries.selectFrom('callbacks').selectAll().where('key', '=', key).executeTakeFirst()
    : undefined
  if (!row) throw notFound('callback', key)
  return row
}

function columnsOf(callback: ParsedCallback): Omit<CallbackRow, 'key' | 'secret'> {
  const { successUrl, errorUrl, startUrl = null, deleteUrl = null, notes } = callback
  return { successUrl, errorUrl, startUrl, deleteUrl, notes }
}

function toCallback(row: CallbackRow): Callback {
  const { key, successUrl, errorUrl, startUrl, deleteUrl, notes } = row
  const given = { ...(startUrl === null ? {} : { startUrl }), ...(deleteUrl === null ? {} : { deleteUrl }) }
  return { key, successUrl, errorUrl, ...given, notes }
}
