import { z } from 'zod'
import type { Access } from '../access/access.ts'
import { actingAs, actingOf } from '../access/acting.ts'
import type { By } from '../access/actor.ts'
import type { Database } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { givePositions } from '../events/event-positions.ts'
import { textField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'
import { type AuditChain, eventColumns, eventsAfter } from './audit-chain.ts'
import { type LinkRow, checkStretch, continueFrom, noLink, toEntry } from './audit-rules.ts'
import type { Audit, AuditEntry, AuditFault, AuditFilter, AuditHead, AuditReport } from './audit.ts'

const position = z.int().min(0)
const filterSchema = z.strictObject({
  after: position.default(0),
  limit: z.int().min(1).max(1000).default(100),
  subject: textField(200).optional(),
  actor: textField(200).optional(),
})
const headSchema = z.strictObject({
  head: z.strictObject({ number: position, hash: z.string().max(200) }).optional(),
})

const page = 1000
const mostFaults = 100

/** The log, read from the events and held against their chain. */
export class SqlAudit implements Audit {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #chain: AuditChain

  constructor(database: Database, access: Access, events: Events, chain: AuditChain) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#chain = chain
  }

  async list(filter: AuditFilter = {}, by?: By): Promise<readonly AuditEntry[]> {
    this.#access.require(by, 'audit:read')
    const { after, limit, subject, actor } = parseWith(filterSchema, filter)
    await givePositions(this.#database)
    let query = this.#database.queries.selectFrom('events').select(eventColumns).where('position', '>', after)
    if (subject !== undefined) query = query.where('subject', '=', subject)
    if (actor !== undefined) query = query.where('actor', '=', actor)
    const rows = await query.orderBy('position').limit(limit).execute()
    return rows.map(toEntry)
  }

  async verify(options: { head?: AuditHead | undefined } = {}, by?: By): Promise<AuditReport> {
    this.#access.require(by, 'audit:read')
    const { head: kept } = parseWith(headSchema, options)
    const { key } = this.#chain
    const { queries } = this.#database
    await this.#chain.catchUp()
    const { end, head } = await this.#chain.atEnd(async (_, last, remembered) => ({ end: last, head: remembered }))
    const faults: AuditFault[] = []
    if (continueFrom(end, head) !== end) faults.push({ kind: 'cut', position: end.position })
    if (kept && !(await this.#has(kept, end))) faults.push({ kind: 'cut', position: end.position })
    let before = noLink
    let checked = 0
    while (before.number < end.number && faults.length < mostFaults) {
      const links = await queries
        .selectFrom('auditLinks')
        .selectAll()
        .where('number', '>', before.number)
        .where('number', '<=', end.number)
        .orderBy('number')
        .limit(page)
        .execute()
      const last = links.at(-1)!
      const stretch = await this.#eventsUpTo(before.position, last.position)
      faults.push(...checkStretch(stretch, links, before, key))
      checked += links.length
      before = last
    }
    const { number, hash } = end
    return {
      isIntact: faults.length === 0,
      checked,
      since: head?.since,
      head: { number, hash },
      faults: faults.slice(0, mostFaults),
    }
  }

  async refused(permission: string, by: By): Promise<void> {
    const who = actingOf(by)
    const event = { type: 'access.refused', subject: who.who, data: { permission } }
    await actingAs(who, () => this.#database.transaction((queries) => this.#events.append(queries, event)))
  }

  async #has(kept: AuditHead, end: LinkRow): Promise<boolean> {
    if (kept.number === 0) return true
    if (kept.number > end.number) return false
    const link = this.#database.queries.selectFrom('auditLinks').select('hash').where('number', '=', kept.number)
    return (await link.executeTakeFirst())?.hash === kept.hash
  }

  async #eventsUpTo(after: number, upTo: number) {
    const events = []
    for (let from = after; ;) {
      const some = await eventsAfter(this.#database.queries, from, page, upTo)
      events.push(...some)
      if (some.length < page) return events
      from = some.at(-1)!.position
    }
  }
}
