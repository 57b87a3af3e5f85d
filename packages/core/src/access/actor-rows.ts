import type { Engine } from '../database/database.ts'
import type { PermissionGroup } from './access.ts'
import type { UserActor } from './actor.ts'
import { actorOf } from './user-rules.ts'

/** What one statement tells of a user who asks. */
export interface ActorRow {
  readonly key: number
  readonly name: string
  readonly createdAt: number
  /** With commas between them; null: none. */
  readonly held: string | null
  readonly memberOf: string | null
}

/** The columns of an `ActorRow`, of the table `users`: one statement, because it is asked before each request. */
export function actorColumns(engine: Engine): string {
  const gathered = engine === 'sqlite' ? 'group_concat' : 'string_agg'
  return `users.key, users.name, users.created_at,
    (select ${gathered}(permission_group, ',') from user_permission_groups where user_key = users.key) as held,
    (select ${gathered}(cast(group_key as text), ',') from user_group_members where user_key = users.key) as member_of`
}

export function actorOfRow({ key, name, createdAt, held, memberOf }: ActorRow): UserActor {
  const permissionGroups = partsOf(held).toSorted() as PermissionGroup[]
  const groups = partsOf(memberOf).map(Number)
  return actorOf(
    { key, name, createdAt, permissionGroups },
    groups.toSorted((a, b) => a - b),
  )
}

const partsOf = (list: string | null): string[] => (list === null ? [] : list.split(','))
