import { type DomainEvent, type EventSink, isVirtkitError } from '@virtkit/spi'
import type { Insertable, Selectable } from 'kysely'
import type { Users } from '../access/access.ts'
import type { UserActor } from '../access/actor.ts'
import { isForeignKeyViolation } from '../database/database-errors.ts'
import type { Database, Queries } from '../database/database.ts'
import { severitiesFrom } from './filter-rules.ts'
import { machineOf, noticeOf } from './notice-rules.ts'
import type { NotificationTables } from './notification-tables.ts'

type Filter = Selectable<NotificationTables['notificationFilters']>
type NewNotice = Insertable<NotificationTables['notices']>

/** Rows of one statement. */
const chunk = 500

/**
 * Turns events into notices for each filter that lets them pass. It reads stored events from where it stopped, so none is missed; a
 * repeated one is known by its id.
 */
export class NoticeFeed implements EventSink {
  readonly name = 'virtkit/notifications'
  readonly #database: Database
  readonly #users: Users

  constructor(database: Database, users: Users) {
    this.#database = database
    this.#users = users
  }

  async deliver(events: readonly DomainEvent[]): Promise<void> {
    const notices = await this.#noticesOf(events)
    if (notices.length === 0) return
    try {
      await this.#database.transaction(async (queries) => {
        for (let from = 0; from < notices.length; from += chunk) {
          await queries
            .insertInto('notices')
            .values(notices.slice(from, from + chunk))
            .onConflict((twice) => twice.columns(['filterKey', 'eventId']).doNothing())
            .execute()
        }
      })
    } catch (error) {
      // A filter was removed between our look and our write: look again.
      if (isForeignKeyViolation(error)) return this.deliver(events)
      throw error
    }
  }

  async #noticesOf(events: readonly DomainEvent[]): Promise<NewNotice[]> {
    const matters = events.flatMap((event) => {
      const matter = noticeOf(event)
      return matter ? [{ eventId: event.id, ...matter }] : []
    })
    if (matters.length === 0) return []
    const { queries } = this.#database
    const filters = await queries.selectFrom('notificationFilters').selectAll().orderBy('key').execute()
    const actors = await this.#actorsOf(filters)
    const rows: NewNotice[] = []
    // Owners matter to those only who do not see all.
    const isNeeded = [...actors.values()].some((actor) => actor.groups !== 'all')
    for (const { eventId, notice, permission } of matters) {
      const owner = isNeeded ? await ownerOf(queries, notice.subject) : 'unknown'
      for (const filter of filters) {
        const actor = actors.get(filter.userKey)
        const wanted = notice.at >= filter.createdAt && severitiesFrom(filter.severities).includes(notice.severity)
        if (!actor || !wanted || !mayKnow(actor, permission, owner)) continue
        rows.push({ filterKey: filter.key, eventId, ...notice, deliveryKey: null })
      }
    }
    return rows
  }

  /** As they are now: who has left a group is told of its machines no more. */
  async #actorsOf(filters: readonly Filter[]): Promise<ReadonlyMap<number, UserActor>> {
    const actors = new Map<number, UserActor>()
    for (const userKey of new Set(filters.map((filter) => filter.userKey))) {
      try {
        actors.set(userKey, await this.#users.actor(userKey))
      } catch (error) {
        if (!isVirtkitError(error, 'NOT_FOUND')) throw error
      }
    }
    return actors
  }
}

/** `nobody`: it is about no machine. `unknown`: about one of which no owner is known any more; for those who see all. */
type Owner = number | 'nobody' | 'unknown'

function mayKnow(actor: UserActor, permission: string, owner: Owner): boolean {
  if (actor.permissions !== 'all' && !actor.permissions.has(permission)) return false
  if (owner === 'nobody' || actor.groups === 'all') return true
  return owner !== 'unknown' && actor.groups.includes(owner)
}

/** The group that a machine belongs to. Of one that is gone: the group that its last operation was for. */
async function ownerOf(queries: Queries, subject: string): Promise<Owner> {
  const key = machineOf(subject)
  if (key === undefined) return 'nobody'
  const machine = await queries.selectFrom('machines').select('ownerKey').where('key', '=', key).executeTakeFirst()
  if (machine) return machine.ownerKey
  const operation = await queries
    .selectFrom('operations')
    .select('groupKey')
    .where('subject', '=', subject)
    .where('groupKey', 'is not', null)
    .orderBy('createdAt', 'desc')
    .executeTakeFirst()
  return operation?.groupKey ?? 'unknown'
}
