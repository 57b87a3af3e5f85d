import type { Engine } from '../database/database.ts'
import type { PermissionGroup } from './access.ts'
import type { UserActor } from './actor.ts'
import { actorOf } from './user-rules.ts'

/** What one statement tells of a user who asks: it is asked before each request. */
export interface ActorRow {
  readonly key: number
  readonly name: string
  /** With commas between them; null: none. */
  readonly held: string | null
  readonly memberOf: string | null
}

/** The permission groups and groups of the user whose key stands in `column`, each as an expression. */
export function heldBy(engine: Engine, column: string): { readonly held: string; readonly memberOf: string } {
  const gathered = engine === 'sqlite' ? 'group_concat' : 'string_agg'
  return {
    held: `(select ${gathered}(permission_group, ',') from user_permission_groups where user_key = ${column})`,
    memberOf: `(select ${gathered}(cast(group_key as text), ',') from user_group_members where user_key = ${column})`,
  }
}

export function actorOfRow({ key, name, held, memberOf }: ActorRow): UserActor {
  const permissionGroups = partsOf(held).toSorted() as PermissionGroup[]
  const groups = partsOf(memberOf).map(Number)
  return actorOf(
    { key, name, permissionGroups },
    groups.toSorted((a, b) => a - b),
  )
}

const partsOf = (list: string | null): string[] => (list === null ? [] : list.split(','))
