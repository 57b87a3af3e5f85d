import { type Clock, notFound } from '@virtkit/spi'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { isKey, isName } from '../options/fields.ts'
import type { Access, Group, GroupInput, Groups } from './access.ts'
import type { By } from './actor.ts'
import { conflict, explainClash, nameTaken } from './clash.ts'
import { orNone } from './given.ts'
import { memberGone, membersOf, setMembers } from './group-members.ts'
import { parseGroupChange, parseNewGroup } from './group-rules.ts'
import { changedFields } from './user-rules.ts'

type Scope = readonly number[] | 'all'

/** Groups of users in the database. Those who are no administrators see the groups that they are in. */
export class SqlGroups implements Groups {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #clock: Clock

  constructor(database: Database, access: Access, events: Events, clock: Clock) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#clock = clock
  }

  async add(input: GroupInput, by?: By): Promise<Group> {
    this.#access.require(by, 'groups:write')
    const group = parseNewGroup(input)
    const write = this.#database.transaction(async (queries) => {
      await refuseTaken(queries, group.name)
      const { key } = await queries
        .insertInto('userGroups')
        .values({ name: group.name, createdAt: this.#clock.now() })
        .returning('key')
        .executeTakeFirstOrThrow()
      await setMembers(queries, key, group)
      await this.#events.append(queries, { type: 'group.created', subject: `group/${key}`, data: { name: group.name } })
      return loadGroup(queries, key, 'all')
    })
    return explainClash(write, { unique: (cause) => nameTaken('group', group.name, 'name', cause), reference: memberGone })
  }

  async get(key: number, by?: By): Promise<Group> {
    return loadGroup(this.#database.queries, key, this.#scope(by))
  }

  async find(name: string, by?: By): Promise<Group | undefined> {
    const scope = this.#scope(by)
    if (!isName(name)) return undefined
    const { queries } = this.#database
    const row = await queries.selectFrom('userGroups').select('key').where('name', '=', name).executeTakeFirst()
    return row && sees(scope, row.key) ? loadGroup(queries, row.key, scope) : undefined
  }

  async list(by?: By): Promise<readonly Group[]> {
    const scope = this.#scope(by)
    let query = this.#database.queries.selectFrom('userGroups').select(['key', 'name']).orderBy('key')
    if (scope !== 'all') query = query.where('key', 'in', orNone(scope))
    const rows = await query.execute()
    const keys = rows.map((row) => row.key)
    const members = await membersOf(this.#database.queries, keys)
    return rows.map((row) => ({ ...row, ...members(row.key) }))
  }

  async update(key: number, input: Partial<GroupInput>, by?: By): Promise<Group> {
    const scope = this.#access.groupsOf(this.#access.require(by, 'groups:write'))
    const change = parseGroupChange(input)
    const write = this.#database.transaction(async (queries) => {
      const before = await loadGroup(queries, key, scope)
      const name = change.name ?? before.name
      if (name !== before.name) await refuseTaken(queries, name)
      await queries.updateTable('userGroups').set({ name }).where('key', '=', key).execute()
      await setMembers(queries, key, change)
      const data = { name, changed: changedFields(change) }
      await this.#events.append(queries, { type: 'group.updated', subject: `group/${key}`, data })
      return loadGroup(queries, key, scope)
    })
    return explainClash(write, {
      unique: (cause) => nameTaken('group', change.name ?? '', 'name', cause),
      reference: memberGone,
    })
  }

  async remove(key: number, by?: By): Promise<void> {
    const scope = this.#access.groupsOf(this.#access.require(by, 'groups:write'))
    const owns = (cause?: unknown) =>
      conflict(`Group ${key} owns machines; delete them first, or give them to another group.`, { with: 'machines' }, cause)
    const write = this.#database.transaction(async (queries) => {
      const { name } = await loadGroup(queries, key, scope)
      const machine = await queries.selectFrom('machines').select('key').where('ownerKey', '=', key).executeTakeFirst()
      if (machine) throw owns()
      await queries.deleteFrom('userGroups').where('key', '=', key).execute()
      await this.#events.append(queries, { type: 'group.removed', subject: `group/${key}`, data: { name } })
    })
    return explainClash(write, { reference: owns })
  }

  #scope(by: By | undefined): Scope {
    return this.#access.groupsOf(this.#access.require(by, 'groups:read'))
  }
}

function sees(scope: Scope, key: number): boolean {
  return scope === 'all' || scope.includes(key)
}

async function refuseTaken(queries: Queries, name: string): Promise<void> {
  const taken = await queries.selectFrom('userGroups').select('key').where('name', '=', name).executeTakeFirst()
  if (taken) throw nameTaken('group', name)
}

async function loadGroup(queries: Queries, key: number, scope: Scope): Promise<Group> {
  const row =
    isKey(key) && sees(scope, key)
      ? await queries.selectFrom('userGroups').select(['key', 'name']).where('key', '=', key).executeTakeFirst()
      : undefined
  if (!row) throw notFound('group', key)
  const members = await membersOf(queries, [key])
  return { ...row, ...members(key) }
}
