import { type Clock, type NotificationChannel, type Secret, notFound } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import type { Access } from '../access/access.ts'
import type { Actor, By } from '../access/actor.ts'
import { conflict, explainClash } from '../access/clash.ts'
import { forbidden } from '../access/role-access.ts'
import { attemptsFrom } from '../callbacks/callback-rules.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { isKey, pageLimit } from '../options/fields.ts'
import { parseFilter, severitiesFrom } from './filter-rules.ts'
import type { NotificationTables } from './notification-tables.ts'
import type { NotificationDelivery, NotificationFilter, NotificationFilterInput, Notifications } from './notifications.ts'

type FilterRow = Selectable<NotificationTables['notificationFilters']>
type DeliveryRow = Selectable<NotificationTables['notificationDeliveries']>

/** What signs messages, among the channels. */
export interface Signer {
  readonly type: string
  secretOf(user: number, to: string): Secret
}

/** Filters and the log of their messages in the database. */
export class SqlNotifications implements Notifications {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #clock: Clock
  readonly #channels: readonly NotificationChannel[]
  readonly #signer: Signer

  constructor(
    database: Database,
    access: Access,
    events: Events,
    clock: Clock,
    channels: readonly NotificationChannel[],
    signer: Signer,
  ) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#clock = clock
    this.#channels = channels
    this.#signer = signer
  }

  async add(input: NotificationFilterInput, by?: By): Promise<NotificationFilter & { readonly secret?: Secret }> {
    const actor = this.#access.require(by, 'notifications:write')
    const filter = parseFilter(input, this.#channels)
    this.#requireOwn(actor, filter.user, 'users:write')
    const write = this.#database.transaction(async (queries) => {
      await refuseUnknownUser(queries, filter.user)
      await refuseTwice(queries, filter)
      const { key } = await queries
        .insertInto('notificationFilters')
        .values({ ...columnsOf(filter), createdAt: this.#clock.now(), gatheredAt: 0 })
        .returning('key')
        .executeTakeFirstOrThrow()
      await this.#tell(queries, 'created', key, filter)
      return this.#withSecret(toFilter(await loadFilter(queries, key)))
    })
    return explainClash(write, { unique: twice, reference: () => notFound('user', filter.user) })
  }

  async get(key: number, by?: By): Promise<NotificationFilter> {
    const actor = this.#access.require(by, 'notifications:read')
    return toFilter(await this.#visible(this.#database.queries, key, actor, 'users:read'))
  }

  async list(by?: By): Promise<readonly NotificationFilter[]> {
    const actor = this.#access.require(by, 'notifications:read')
    const rows = await this.#database.queries.selectFrom('notificationFilters').selectAll().orderBy('key').execute()
    return rows.filter((row) => isOwn(actor, row.userKey, 'users:read')).map(toFilter)
  }

  async update(
    key: number,
    input: NotificationFilterInput,
    by?: By,
  ): Promise<NotificationFilter & { readonly secret?: Secret }> {
    const actor = this.#access.require(by, 'notifications:write')
    const filter = parseFilter(input, this.#channels)
    const write = this.#database.transaction(async (queries) => {
      await this.#visible(queries, key, actor, 'users:write')
      this.#requireOwn(actor, filter.user, 'users:write')
      await refuseUnknownUser(queries, filter.user)
      await refuseTwice(queries, filter, key)
      await queries.updateTable('notificationFilters').set(columnsOf(filter)).where('key', '=', key).execute()
      await this.#tell(queries, 'updated', key, filter)
      return this.#withSecret(toFilter(await loadFilter(queries, key)))
    })
    return explainClash(write, { unique: twice, reference: () => notFound('user', filter.user) })
  }

  async remove(key: number, by?: By): Promise<void> {
    const actor = this.#access.require(by, 'notifications:write')
    await this.#database.transaction(async (queries) => {
      const filter = toFilter(await this.#visible(queries, key, actor, 'users:write'))
      await queries.deleteFrom('notificationFilters').where('key', '=', key).execute()
      await this.#tell(queries, 'removed', key, filter)
    })
  }

  async deliveries(
    filter: number,
    page: { readonly before?: number; readonly limit?: number } = {},
    by?: By,
  ): Promise<readonly NotificationDelivery[]> {
    const actor = this.#access.require(by, 'notifications:read')
    const { queries } = this.#database
    await this.#visible(queries, filter, actor, 'users:read')
    const { before, limit } = page
    const rows = await queries
      .selectFrom('notificationDeliveries')
      .selectAll()
      .where('filterKey', '=', filter)
      .$if(isKey(before), (query) => query.where('key', '<', before!))
      .orderBy('key', 'desc')
      .limit(pageLimit(limit))
      .execute()
    return rows.map(toDelivery)
  }

  /** Somebody else's is as if it were not there, for who may not know of it. */
  async #visible(queries: Queries, key: number, actor: Actor, others: string): Promise<FilterRow> {
    const row = await loadFilter(queries, key)
    if (!isOwn(actor, row.userKey, others)) throw notFound('notification filter', key)
    return row
  }

  #requireOwn(actor: Actor, user: number, others: string): void {
    if (actor.kind === 'user' && !isOwn(actor, user, others)) throw forbidden(actor.name, others)
  }

  #withSecret(filter: NotificationFilter): NotificationFilter & { readonly secret?: Secret } {
    const { type, user, to } = filter
    return type === this.#signer.type ? { ...filter, secret: this.#signer.secretOf(user, to) } : filter
  }

  /** Without the address: it may hold a token. */
  #tell(queries: Queries, what: string, key: number, { user, type, severities }: NotificationFilterInput): Promise<void> {
    const subject = `notification-filter/${key}`
    return this.#events.append(queries, { type: `notification-filter.${what}`, subject, data: { user, type, severities } })
  }
}

function isOwn(actor: Actor, user: number, others: string): boolean {
  if (actor.kind === 'system' || actor.permissions === 'all' || actor.permissions.has(others)) return true
  return actor.user === user
}

async function loadFilter(queries: Queries, key: number): Promise<FilterRow> {
  const row = isKey(key)
    ? await queries.selectFrom('notificationFilters').selectAll().where('key', '=', key).executeTakeFirst()
    : undefined
  if (!row) throw notFound('notification filter', key)
  return row
}

async function refuseUnknownUser(queries: Queries, key: number): Promise<void> {
  const user = await queries.selectFrom('users').select('key').where('key', '=', key).executeTakeFirst()
  if (!user) throw notFound('user', key)
}

async function refuseTwice(queries: Queries, filter: NotificationFilterInput, except?: number): Promise<void> {
  const { userKey, type, recipient } = columnsOf(filter)
  const same = await queries
    .selectFrom('notificationFilters')
    .select('key')
    .where('userKey', '=', userKey)
    .where('type', '=', type)
    .where('recipient', '=', recipient)
    .executeTakeFirst()
  if (same && same.key !== except) throw twice()
}

function twice(cause?: unknown): ReturnType<typeof conflict> {
  return conflict('This user is told at this address already; change that filter instead.', { field: 'to' }, cause)
}

function columnsOf(filter: NotificationFilterInput): Pick<FilterRow, 'userKey' | 'type' | 'recipient' | 'severities'> {
  const { user, type, to, severities } = filter
  return { userKey: user, type, recipient: to, severities: JSON.stringify(severities) }
}

function toFilter(row: FilterRow): NotificationFilter {
  const { key, type, recipient, userKey, severities } = row
  return { key, type, to: recipient, user: userKey, severities: severitiesFrom(severities) }
}

function toDelivery(row: DeliveryRow): NotificationDelivery {
  const { key, filterKey, id, type, recipient, severity, title, state, attempts, problem, createdAt, dueAt, endedAt } = row
  const known = { key, filter: filterKey, id, type, to: recipient, severity, title, state, attempts, createdAt }
  return {
    ...known,
    history: attemptsFrom(row.history),
    ...(problem === null ? {} : { problem }),
    ...(state === 'due' ? { dueAt } : {}),
    ...(endedAt === null ? {} : { endedAt }),
  }
}
