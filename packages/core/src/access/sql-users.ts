import { type Clock, Secret, isVirtkitError, notFound } from '@virtkit/spi'
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { isKey } from '../options/fields.ts'
import type { Access, FirstAdministrator, LoginOrigin, PermissionGroup, User, Users } from './access.ts'
import type { Actor, By, UserActor } from './actor.ts'
import { type ActorRow, actorOfRow, heldBy } from './actor-rows.ts'
import { conflict, explainClash, nameTaken } from './clash.ts'
import type { Logins } from './logins.ts'
import type { Passwords } from './passwords.ts'
import { beyond } from './permissions.ts'
import { forbidden } from './role-access.ts'
import { type NewUser, changedFields, parseNewUser, parseUserChange } from './user-rules.ts'

interface UserRow {
  readonly key: number
  readonly name: string
  readonly createdAt: number
}

/** Users in the database, their passwords hashed. */
export class SqlUsers implements Users {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #clock: Clock
  readonly #passwords: Passwords
  readonly #logins: Logins

  constructor(database: Database, access: Access, events: Events, clock: Clock, passwords: Passwords, logins: Logins) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#clock = clock
    this.#passwords = passwords
    this.#logins = logins
  }

  async add(
    input: { name: string; password: string; permissionGroups?: readonly PermissionGroup[] },
    by?: By,
  ): Promise<User> {
    const actor = this.#access.require(by, 'users:write')
    const { name, password, permissionGroups } = parseNewUser(input)
    refuseBeyond(actor, permissionGroups)
    const passwordHash = await this.#passwords.hash(password)
    const write = this.#database.transaction(async (queries) => {
      await refuseTaken(queries, name)
      const { key } = await queries
        .insertInto('users')
        .values({ name, passwordHash, createdAt: this.#clock.now() })
        .returning('key')
        .executeTakeFirstOrThrow()
      await joinPermissionGroups(queries, key, permissionGroups)
      await this.#events.append(queries, { type: 'user.created', subject: `user/${key}`, data: { name } })
      return loadUser(queries, key)
    })
    return explainClash(write, { unique: (cause) => nameTaken('user', name, 'name', cause) })
  }

  async get(key: number, by?: By): Promise<User> {
    if (by?.actor?.kind !== 'user' || by.actor.user !== key) this.#access.require(by, 'users:read')
    return loadUser(this.#database.queries, key)
  }

  async list(by?: By): Promise<readonly User[]> {
    this.#access.require(by, 'users:read')
    const rows = await this.#database.queries
      .selectFrom('users')
      .select(['key', 'name', 'createdAt'])
      .orderBy('key')
      .execute()
    const held = await this.#database.queries.selectFrom('userPermissionGroups').selectAll().execute()
    return rows.map((row) => toUser(row, held))
  }

  async update(
    key: number,
    input: { name?: string; password?: string; permissionGroups?: readonly PermissionGroup[] },
    by?: By,
  ): Promise<User> {
    const actor = this.#access.require(by, 'users:write')
    const change = parseUserChange(input)
    const passwordHash = change.password === undefined ? undefined : await this.#passwords.hash(change.password)
    const write = this.#database.transaction(async (queries) => {
      const before = await loadUser(queries, key)
      // Whoever could set an administrator's password would be one.
      refuseBeyond(actor, [...before.permissionGroups, ...(change.permissionGroups ?? [])])
      await this.#change(queries, before, change, passwordHash)
      return loadUser(queries, key)
    })
    return explainClash(write, { unique: (cause) => nameTaken('user', change.name ?? '', 'name', cause) })
  }

  async remove(key: number, by?: By): Promise<void> {
    const actor = this.#access.require(by, 'users:write')
    await this.#database.transaction(async (queries) => {
      const { name, permissionGroups } = await loadUser(queries, key)
      refuseBeyond(actor, permissionGroups)
      await queries.deleteFrom('users').where('key', '=', key).execute()
      await this.#events.append(queries, { type: 'user.removed', subject: `user/${key}`, data: { name } })
    })
  }

  async authenticate(name: string, password: string, from?: LoginOrigin): Promise<UserActor> {
    const { user } = await this.#logins.check(name, password, from)
    return this.actor(user)
  }

  async actor(key: number): Promise<UserActor> {
    const { held, memberOf } = heldBy(this.#database.engine, 'users.key')
    const columns = sql.raw(`${held} as held, ${memberOf} as member_of`)
    const { rows } = isKey(key)
      ? await sql<ActorRow>`select key, name, ${columns} from users where key = ${key}`.execute(this.#database.queries)
      : { rows: [] }
    const row = rows[0]
    if (!row) throw notFound('user', key)
    return actorOfRow(row)
  }

  async ensureAdministrator(options: { password?: string | undefined } = {}): Promise<FirstAdministrator | undefined> {
    if (await this.#hasAdministrator()) return undefined
    const password = options.password ?? randomBytes(18).toString('base64url')
    try {
      const user = await this.add({ name: 'admin', password, permissionGroups: ['administrator'] })
      return { user, password: new Secret(password) }
    } catch (error) {
      if (!isVirtkitError(error, 'CONFLICT')) throw error
      if (await this.#hasAdministrator()) return undefined
      throw conflict(
        'Nobody is an administrator, and the user named "admin" is not one either: make a user one, by users.update.',
        { field: 'name', with: 'admin' },
        error,
      )
    }
  }

  async #hasAdministrator(): Promise<boolean> {
    const held = this.#database.queries.selectFrom('userPermissionGroups').select('userKey')
    const administrator: PermissionGroup = 'administrator'
    return (await held.where('permissionGroup', '=', administrator).executeTakeFirst()) !== undefined
  }

  async #change(queries: Queries, before: User, change: Partial<NewUser>, passwordHash: string | undefined): Promise<void> {
    const { key } = before
    if (change.name !== undefined && change.name !== before.name) await refuseTaken(queries, change.name)
    const columns = {
      name: change.name ?? before.name,
      ...(passwordHash === undefined ? {} : { passwordHash }),
    }
    await queries.updateTable('users').set(columns).where('key', '=', key).execute()
    if (passwordHash !== undefined || change.permissionGroups) await endTokens(queries, key)
    if (change.permissionGroups) {
      await queries.deleteFrom('userPermissionGroups').where('userKey', '=', key).execute()
      await joinPermissionGroups(queries, key, change.permissionGroups)
    }
    const data = { name: columns.name, changed: changedFields(change) }
    await this.#events.append(queries, { type: 'user.updated', subject: `user/${key}`, data })
  }
}

function refuseBeyond(actor: Actor, groups: readonly PermissionGroup[]): void {
  if (actor.kind === 'system') return
  const permission = beyond(actor.permissions, groups)
  if (permission !== undefined) throw forbidden(actor.name, permission)
}

/** Also of one that is being issued just now, for a login from before: it has the generation of then. */
async function endTokens(queries: Queries, key: number): Promise<void> {
  await queries
    .updateTable('users')
    .set((set) => ({ generation: set('generation', '+', 1) }))
    .where('key', '=', key)
    .execute()
  await queries.deleteFrom('accessTokens').where('userKey', '=', key).execute()
}

async function refuseTaken(queries: Queries, name: string): Promise<void> {
  const taken = await queries.selectFrom('users').select('key').where('name', '=', name).executeTakeFirst()
  if (taken) throw nameTaken('user', name)
}

async function joinPermissionGroups(queries: Queries, userKey: number, groups: readonly PermissionGroup[]): Promise<void> {
  if (groups.length === 0) return
  const rows = groups.map((permissionGroup) => ({ userKey, permissionGroup }))
  await queries.insertInto('userPermissionGroups').values(rows).execute()
}

async function loadUser(queries: Queries, key: number): Promise<User> {
  const row = isKey(key)
    ? await queries.selectFrom('users').select(['key', 'name', 'createdAt']).where('key', '=', key).executeTakeFirst()
    : undefined
  if (!row) throw notFound('user', key)
  return toUser(row, await queries.selectFrom('userPermissionGroups').selectAll().where('userKey', '=', key).execute())
}

function toUser(row: UserRow, held: readonly { userKey: number; permissionGroup: string }[]): User {
  const permissionGroups = held
    .filter((each) => each.userKey === row.key)
    .map((each) => each.permissionGroup as PermissionGroup)
    .toSorted()
  return { ...row, permissionGroups }
}
