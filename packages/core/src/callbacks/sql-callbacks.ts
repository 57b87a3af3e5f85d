import { type Clock, type Secret, notFound } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import { conflict, explainClash } from '../access/clash.ts'
import type { Keyring } from '../access/keyring.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { isKey } from '../options/fields.ts'
import { CallbackLog } from './callback-log.ts'
import { type ParsedCallback, bodyOf, parseCallback, parseGrace, urlFor, whens } from './callback-rules.ts'
import { formerSecretContext, secretContext } from './callback-secrets.ts'
import type { CallbackTables } from './callback-tables.ts'
import type {
  Callback,
  CallbackDelivery,
  CallbackInput,
  CallbackNotice,
  CallbackPage,
  Callbacks,
  RotatedSecret,
} from './callbacks.ts'
import type { Receivers } from './receivers.ts'
import { newSigningSecret } from './signature.ts'

type CallbackRow = Selectable<CallbackTables['callbacks']>

export interface CallbackParts {
  readonly database: Database
  readonly access: Access
  readonly events: Events
  readonly keyring: Keyring
  readonly clock: Clock
  readonly receivers: Receivers
}

/** Callbacks in the database, their signing secrets sealed. */
export class SqlCallbacks implements Callbacks {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #keyring: Keyring
  readonly #clock: Clock
  readonly #receivers: Receivers
  readonly #log: CallbackLog

  constructor({ database, access, events, keyring, clock, receivers }: CallbackParts) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#keyring = keyring
    this.#clock = clock
    this.#receivers = receivers
    this.#log = new CallbackLog(database)
  }

  async add(input: CallbackInput, by?: By): Promise<Callback & { readonly secret: Secret }> {
    this.#access.require(by, 'callbacks:write')
    const callback = this.#parse(input)
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
    const callback = this.#parse(input)
    return this.#database.transaction(async (queries) => {
      const before = await loadCallback(queries, key)
      const columns = columnsOf(callback)
      await queries.updateTable('callbacks').set(columns).where('key', '=', key).execute()
      for (const when of whens) {
        const [from, to] = [urlFor(before, when), urlFor(columns, when)]
        if (to !== undefined && to !== from) await this.#log.redirect(queries, key, when, to, this.#clock.now())
      }
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

  async rotateSecret(key: number, options: { readonly graceMs?: number } = {}, by?: By): Promise<RotatedSecret> {
    this.#access.require(by, 'callbacks:write')
    const graceMs = parseGrace(options)
    const secret = newSigningSecret()
    return this.#database.transaction(async (queries) => {
      const before = await loadCallback(queries, key)
      const former = this.#keyring.open(before.secret, secretContext(key))
      const formerUntil = this.#clock.now() + graceMs
      const { numUpdatedRows } = await queries
        .updateTable('callbacks')
        .set({
          secret: this.#keyring.seal(secret, secretContext(key)),
          formerSecret: graceMs === 0 ? null : this.#keyring.seal(former, formerSecretContext(key)),
          formerUntil: graceMs === 0 ? null : formerUntil,
        })
        .where('key', '=', key)
        .where('secret', '=', before.secret)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) {
        throw conflict(`Somebody else rotates the secret of callback ${key}.`, { field: 'secret' })
      }
      await this.#tell(queries, 'secret-rotated', key, { formerUntil })
      return { secret, formerUntil }
    })
  }

  async deliveries(callback: number, page: CallbackPage = {}, by?: By): Promise<readonly CallbackDelivery[]> {
    this.#access.require(by, 'callbacks:read')
    await loadCallback(this.#database.queries, callback)
    return this.#log.list(callback, page)
  }

  async replay(callback: number, delivery: number, by?: By): Promise<CallbackDelivery> {
    this.#access.require(by, 'callbacks:write')
    return this.#database.transaction(async (queries) => {
      const row = await loadCallback(queries, callback)
      const { key, state } = await this.#log.get(queries, callback, delivery)
      const count = await this.#log.revive(queries, row, this.#clock.now(), delivery)
      if (count === 0) {
        const why = state === 'delivered' ? 'was accepted already' : 'is still tried'
        throw conflict(`Delivery ${key} ${why}; dead letters can be replayed.`, { field: 'delivery', with: state })
      }
      await this.#tell(queries, 'replayed', callback, { delivery, count })
      return this.#log.get(queries, callback, delivery)
    })
  }

  async replayDead(callback: number, by?: By): Promise<number> {
    this.#access.require(by, 'callbacks:write')
    return this.#database.transaction(async (queries) => {
      const row = await loadCallback(queries, callback)
      const count = await this.#log.revive(queries, row, this.#clock.now())
      if (count > 0) await this.#tell(queries, 'replayed', callback, { count })
      return count
    })
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
      const due = { state: 'due' as const, attempts: 0, dueAt: now, createdAt: now, problem: null, endedAt: null }
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

  #parse(input: unknown): ParsedCallback {
    return parseCallback(input, (url) => this.#receivers.problemWith(url))
  }

  #tell(queries: Queries, what: string, key: number, data: Readonly<Record<string, unknown>> = {}): Promise<void> {
    return this.#events.append(queries, { type: `callback.${what}`, subject: `callback/${key}`, data })
  }
}

async function loadCallback(queries: Queries, key: number): Promise<CallbackRow> {
  const row = isKey(key)
    ? await queries.selectFrom('callbacks').selectAll().where('key', '=', key).executeTakeFirst()
    : undefined
  if (!row) throw notFound('callback', key)
  return row
}

function columnsOf(callback: ParsedCallback): Omit<CallbackRow, 'key' | 'secret' | 'formerSecret' | 'formerUntil'> {
  const { successUrl, errorUrl, startUrl = null, deleteUrl = null, notes } = callback
  return { successUrl, errorUrl, startUrl, deleteUrl, notes }
}

function toCallback(row: CallbackRow): Callback {
  const { key, successUrl, errorUrl, startUrl, deleteUrl, notes } = row
  const given = { ...(startUrl === null ? {} : { startUrl }), ...(deleteUrl === null ? {} : { deleteUrl }) }
  return { key, successUrl, errorUrl, ...given, notes }
}
