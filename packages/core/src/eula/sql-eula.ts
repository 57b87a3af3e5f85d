import { type Clock, VirtkitError } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import { type By, type UserActor, system } from '../access/actor.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { fingerprintOf, noText } from './eula-rules.ts'
import type { Eula, EulaAcceptance, EulaText } from './eula.ts'

/** Acceptances in the database, one row for each user and text. */
export class SqlEula implements Eula {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #clock: Clock
  readonly #text: EulaText
  readonly #fingerprint: string | undefined

  constructor(database: Database, access: Access, events: Events, clock: Clock, text: EulaText = noText) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#clock = clock
    this.#text = text
    this.#fingerprint = fingerprintOf(text)
  }

  text(): EulaText {
    return this.#text
  }

  async accept(by: By): Promise<EulaAcceptance> {
    const actor = by.actor ?? system
    if (actor.kind === 'system') {
      throw new VirtkitError('FORBIDDEN', 'Only a user can accept the license agreement.', {
        details: { permission: 'eula:accept' },
        hint: 'Hand in the actor of the user who accepts.',
      })
    }
    const fingerprint = this.#fingerprint
    if (fingerprint === undefined) {
      throw new VirtkitError('UNSUPPORTED', 'There is no license agreement to accept.', {
        details: { feature: 'eula' },
        hint: 'The host hands its text to createVirtkit as `eula: { de, en }`.',
      })
    }
    return this.#database.transaction(async (queries) => {
      const row = { userKey: actor.user, name: actor.name, fingerprint, acceptedAt: this.#clock.now() }
      const { numInsertedOrUpdatedRows } = await queries
        .insertInto('eulaAcceptances')
        .values(row)
        .onConflict((again) => again.columns(['userKey', 'fingerprint']).doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows === 1n) {
        const data = { name: actor.name, fingerprint }
        await this.#events.append(queries, { type: 'eula.accepted', subject: `user/${actor.user}`, data })
      }
      const stored = await find(queries, actor, fingerprint)
      return stored ?? toAcceptance(row)
    })
  }

  async requireAccepted(by?: By): Promise<void> {
    const actor = by?.actor ?? system
    if (actor.kind === 'system' || this.#fingerprint === undefined) return
    if (await find(this.#database.queries, actor, this.#fingerprint)) return
    throw new VirtkitError('FORBIDDEN', `${actor.name} has not accepted the license agreement.`, {
      details: { permission: 'eula:accepted' },
      hint: 'Read it and accept it first.',
    })
  }

  async acceptances(by?: By): Promise<readonly EulaAcceptance[]> {
    this.#access.require(by, 'users:read')
    const { queries } = this.#database
    const rows = await queries
      .selectFrom('eulaAcceptances')
      .selectAll()
      .orderBy('acceptedAt')
      .orderBy('userKey')
      .orderBy('fingerprint')
      .execute()
    return rows.map(toAcceptance)
  }
}

async function find(queries: Queries, actor: UserActor, fingerprint: string): Promise<EulaAcceptance | undefined> {
  const row = await queries
    .selectFrom('eulaAcceptances')
    .selectAll()
    .where('userKey', '=', actor.user)
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst()
  return row && toAcceptance(row)
}

function toAcceptance(row: { userKey: number; name: string; fingerprint: string; acceptedAt: number }): EulaAcceptance {
  const { userKey, name, fingerprint, acceptedAt } = row
  return { user: userKey, name, fingerprint, acceptedAt }
}
