import { type Clock, Secret, notFound } from '@virtkit/spi'
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Database, Engine, LookupStatement } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { isKey } from '../options/fields.ts'
import type { ParsedOptions } from '../options/parse-options.ts'
import type { Access, LoginOrigin, Users } from './access.ts'
import { actingAs, actingOf } from './acting.ts'
import type { By, UserActor } from './actor.ts'
import { type ActorRow, actorOfRow, heldBy } from './actor-rows.ts'
import type { Login, Logins } from './logins.ts'
import { SeenTokens } from './seen-tokens.ts'
import { SharedReads } from './shared-reads.ts'
import { hashToken, isToken, writeToken } from './token-rules.ts'
import type { IssuedToken, PresumedActor, StoredToken, Tokens } from './tokens.ts'

/** Tokens in the database, as hashes. Those that have expired go when the next one is issued. */
export class SqlTokens implements Tokens {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #clock: Clock
  readonly #users: Users
  readonly #logins: Logins
  readonly #lifetimeMs: number
  /** SQLite answers before anything could be done meanwhile. */
  readonly #presumes: boolean
  readonly #seen = new SeenTokens()
  readonly #foundBy: (lookup: string) => Promise<readonly TokenRow[]>

  constructor(
    database: Database,
    access: Access,
    events: Events,
    clock: Clock,
    users: Users,
    logins: Logins,
    options: ParsedOptions,
  ) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#clock = clock
    this.#users = users
    this.#logins = logins
    this.#lifetimeMs = options.tokens.lifetimeMs
    this.#presumes = database.engine !== 'sqlite'
    const read = async (lookup: string): Promise<readonly TokenRow[]> =>
      JSON.parse((await database.lookup(findToken[database.engine], lookup)) ?? '[]') as TokenRow[]
    // Of one client's many requests at once, most ask with the same token; SQLite answers before the next one asks.
    const shared = new SharedReads(read)
    this.#foundBy = database.engine === 'sqlite' ? read : (lookup) => shared.ask(lookup)
  }

  async login(name: string, password: string, from: LoginOrigin = {}): Promise<IssuedToken> {
    const login = await this.#logins.check(name, password, from)
    const actor = await this.#users.actor(login.user)
    return actingAs(actingOf({ actor, ...from }), () => this.#issue(login))
  }

  async issue(user: number, by?: By): Promise<IssuedToken> {
    this.#access.require(by, 'users:write')
    const row = isKey(user)
      ? await this.#database.queries.selectFrom('users').select('generation').where('key', '=', user).executeTakeFirst()
      : undefined
    if (!row) throw notFound('user', user)
    return this.#issue({ user, generation: row.generation })
  }

  async resolve(token: string): Promise<UserActor | undefined> {
    if (!isToken(token)) return undefined
    const hashed = hashToken(token)
    const row = await this.#find(hashed)
    if (!row || !this.#isValid(row)) return undefined
    const actor = actorOfRow(row)
    if (this.#presumes) this.#seen.put(hashed.hash, { row: JSON.stringify(row), actor })
    return actor
  }

  presume(token: string): PresumedActor | undefined {
    if (!this.#presumes || !isToken(token)) return undefined
    const hashed = hashToken(token)
    const seen = this.#seen.get(hashed.hash)
    if (!seen) return undefined
    const check = async (): Promise<boolean> => {
      const row = await this.#find(hashed)
      const isSame = row !== undefined && this.#isValid(row) && JSON.stringify(row) === seen.row
      if (!isSame) this.#seen.forget(hashed.hash)
      return isSame
    }
    return { actor: seen.actor, confirmed: check().catch(() => false) }
  }

  async revoke(token: string, by?: By): Promise<void> {
    const row = isToken(token) ? await this.#find(hashToken(token)) : undefined
    if (!row) return
    await actingAs(actingOf(by ?? { actor: actorOfRow(row) }), () => this.#delete(row.key, row.token))
  }

  async list(user: number, by?: By): Promise<readonly StoredToken[]> {
    this.#requireOwn(user, by, 'users:read')
    if (!isKey(user)) return []
    return this.#database.queries
      .selectFrom('accessTokens')
      .innerJoin('users', 'users.key', 'accessTokens.userKey')
      .select(['accessTokens.key', 'userKey as user', 'accessTokens.createdAt', 'expiresAt'])
      .whereRef('users.generation', '=', 'accessTokens.generation')
      .where('userKey', '=', user)
      .where('expiresAt', '>', this.#clock.now())
      .orderBy('accessTokens.key')
      .execute()
  }

  async revokeAll(user: number, by?: By): Promise<number> {
    this.#requireOwn(user, by, 'users:write')
    return isKey(user) ? this.#delete(user) : 0
  }

  async #issue({ user, generation }: Login): Promise<IssuedToken> {
    const token = writeToken(randomBytes(32))
    const createdAt = this.#clock.now()
    const expiresAt = createdAt + this.#lifetimeMs
    return this.#database.transaction(async (queries) => {
      await queries.deleteFrom('accessTokens').where('expiresAt', '<=', createdAt).execute()
      const { key } = await queries
        .insertInto('accessTokens')
        .values({ ...hashToken(token), userKey: user, generation, createdAt, expiresAt })
        .returning('key')
        .executeTakeFirstOrThrow()
      await this.#events.append(queries, { type: 'token.issued', subject: `user/${user}`, data: { token: key, expiresAt } })
      return { key, user, createdAt, expiresAt, token: new Secret(token), lifetimeMs: this.#lifetimeMs }
    })
  }

  async #delete(user: number, token?: number): Promise<number> {
    return this.#database.transaction(async (queries) => {
      let doomed = queries.deleteFrom('accessTokens').where('userKey', '=', user)
      if (token !== undefined) doomed = doomed.where('key', '=', token)
      const count = Number((await doomed.executeTakeFirst()).numDeletedRows)
      const data = token === undefined ? { count } : { token }
      if (count > 0) await this.#events.append(queries, { type: 'token.revoked', subject: `user/${user}`, data })
      return count
    })
  }

  /** The token and who it is of, in one statement that is written once: it is asked before each request. */
  async #find({ lookup, hash }: ReturnType<typeof hashToken>): Promise<TokenRow | undefined> {
    // How far an index has to look tells of the hash's beginning at most; the rest is compared in constant time.
    const rows = await this.#foundBy(lookup)
    return rows.find((row) => timingSafeEqual(Buffer.from(row.hash), Buffer.from(hash)))
  }

  #isValid(row: TokenRow): boolean {
    return row.generation === row.generationNow && row.expiresAt > this.#clock.now()
  }

  #requireOwn(user: number, by: By | undefined, permission: string): void {
    if (by?.actor?.kind !== 'user' || by.actor.user !== user) this.#access.require(by, permission)
  }
}

interface TokenRow extends ActorRow {
  readonly token: number
  readonly hash: string
  readonly expiresAt: number
  /** The user's when the token was issued, and now. */
  readonly generation: number
  readonly generationNow: number
}

const name = 'virtkit_find_token'
const onSqlite = heldBy('sqlite', 'tokens.user_key')
const findToken: Readonly<Record<Engine, LookupStatement>> = {
  // A function of ours: see its migration.
  postgres: { name, text: `select ${name}($1)` },
  // Of the one user that it is of, no join: that costs SQLite more than all the rest.
  sqlite: {
    name,
    text: `select json_group_array(json_object('key', user_key, 'token', tokens.key, 'hash', hash, 'expiresAt', expires_at,
      'generation', generation, 'name', (select name from users where users.key = user_key),
      'generationNow', (select users.generation from users where users.key = user_key),
      'held', ${onSqlite.held}, 'memberOf', ${onSqlite.memberOf}))
      from access_tokens as tokens where lookup = ?`,
  },
}
