import { createHash } from 'node:crypto'
import { type Clock, VirtkitError } from '@virtkit/spi'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { isName } from '../options/fields.ts'
import type { LoginOrigin } from './access.ts'
import { actingAs, nobody } from './acting.ts'
import {
  type Failures,
  accountLimits,
  addressLimits,
  countedAbout,
  forgetFailuresMs,
  knownMs,
  placeOf,
  sameLoginMs,
  waitMs,
} from './login-rules.ts'
import type { Passwords } from './passwords.ts'

/** Whose password was right. What is handed out for it counts as long as the user's generation is this one. */
export interface Login {
  readonly user: number
  readonly generation: number
}

interface Attempt {
  readonly name: string
  readonly password: string
  readonly account: string
  readonly place: string | undefined
  readonly about: ReturnType<typeof countedAbout>
  /** When the account was last logged in to from there. */
  readonly knownAt: number | undefined
  readonly request: { readonly request?: string }
}

/** Checks passwords, and makes those wait who guess. What it knows of failures is in the database: all processes share it. */
export class Logins {
  readonly #database: Database
  readonly #events: Events
  readonly #clock: Clock
  readonly #passwords: Passwords

  constructor(database: Database, events: Events, clock: Clock, passwords: Passwords) {
    this.#database = database
    this.#events = events
    this.#clock = clock
    this.#passwords = passwords
  }

  /** Promises: does the same for a user who does not exist. Throws `UNAUTHENTICATED`. */
  async check(name: string, password: string, from: LoginOrigin = {}): Promise<Login> {
    const attempt = await this.#begin(name, password, from)
    await this.#refuseThrottled(attempt)
    const row = isName(name)
      ? await this.#database.queries
          .selectFrom('users')
          .select(['key', 'name', 'passwordHash', 'generation'])
          .where('name', '=', name)
          .executeTakeFirst()
      : undefined
    // Longer than any password may be, so that nobody can keep us busy.
    const right = await this.#passwords.matches(attempt.password.slice(0, 1001), row?.passwordHash)
    if (!row || !right) {
      await this.#failed(attempt, row?.key)
      throw new VirtkitError('UNAUTHENTICATED', 'Name or password is wrong.', { details: {} })
    }
    // Again: guesses side by side gain nothing over guesses one after the other.
    await this.#refuseThrottled(attempt)
    await this.#succeeded(attempt, row)
    return { user: row.key, generation: row.generation }
  }

  async #begin(name: string, password: string, { address, request }: LoginOrigin): Promise<Attempt> {
    const account = createHash('sha256').update(String(name).slice(0, 1001).normalize('NFC')).digest('hex')
    const place = address === undefined ? undefined : placeOf(address)
    const known = await this.#database.queries
      .selectFrom('knownLogins')
      .select('at')
      .where('account', '=', account)
      .where('address', '=', place ?? '')
      .executeTakeFirst()
    const isKnown = known !== undefined && known.at > this.#clock.now() - knownMs
    return {
      name: String(name),
      password: String(password),
      account,
      place,
      about: countedAbout(account, place, isKnown),
      knownAt: known?.at,
      request: request === undefined ? {} : { request },
    }
  }

  async #refuseThrottled({ about }: Attempt): Promise<void> {
    const rows = await this.#database.queries
      .selectFrom('loginFailures')
      .selectAll()
      .where('about', 'in', [about.account, about.address ?? about.account])
      .execute()
    const seen = (what: string | undefined): Failures | undefined => rows.find((row) => row.about === what)
    const now = this.#clock.now()
    const retryAfterMs = Math.max(
      waitMs(seen(about.account), accountLimits, now),
      waitMs(seen(about.address), addressLimits, now),
    )
    if (retryAfterMs === 0) return
    const seconds = Math.ceil(retryAfterMs / 1000)
    throw new VirtkitError('UNAUTHENTICATED', `Too many logins have failed; try again in ${seconds} s.`, {
      details: { retryAfterMs },
    })
  }

  async #failed({ about, place, request }: Attempt, user: number | undefined): Promise<void> {
    const now = this.#clock.now()
    const count = (queries: Queries, what: string): Promise<unknown> =>
      queries
        .insertInto('loginFailures')
        .values({ about: what, failures: 1, failedAt: now })
        .onConflict((known) =>
          known.column('about').doUpdateSet((set) => ({
            failures: set('loginFailures.failures', '+', 1),
            failedAt: now,
          })),
        )
        .execute()
    await actingAs({ ...nobody, ...request }, () =>
      this.#database.transaction(async (queries) => {
        await queries
          .deleteFrom('loginFailures')
          .where('failedAt', '<=', now - forgetFailuresMs)
          .execute()
        await count(queries, about.account)
        if (about.address !== undefined) await count(queries, about.address)
        // Never the name that was typed: people type their password there.
        const subject = user === undefined ? 'user' : `user/${user}`
        await this.#events.append(queries, { type: 'login.failed', subject, data: place === undefined ? {} : { place } })
      }),
    )
  }

  async #succeeded(attempt: Attempt, user: { key: number; name: string }): Promise<void> {
    const { account, about, place, knownAt, request } = attempt
    const now = this.#clock.now()
    const failures = this.#database.queries.selectFrom('loginFailures').select('about').where('about', '=', about.account)
    const isSame = knownAt !== undefined && knownAt > now - sameLoginMs
    if (isSame && !(await failures.executeTakeFirst())) return
    await actingAs({ who: `user/${user.key}`, name: user.name, ...request }, () =>
      this.#database.transaction(async (queries) => {
        // Not those of the address: who guesses at others' passwords has one right, their own.
        await queries.deleteFrom('loginFailures').where('about', '=', about.account).execute()
        if (isSame) return
        await queries
          .deleteFrom('knownLogins')
          .where('at', '<=', now - knownMs)
          .execute()
        await queries
          .insertInto('knownLogins')
          .values({ account, address: place ?? '', at: now })
          .onConflict((known) => known.columns(['account', 'address']).doUpdateSet({ at: now }))
          .execute()
        const data = place === undefined ? {} : { place }
        await this.#events.append(queries, { type: 'login.succeeded', subject: `user/${user.key}`, data })
      }),
    )
  }
}
