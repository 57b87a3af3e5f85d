import { z } from 'zod'
import { nameField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'
import type { PermissionGroup, User } from './access.ts'
import type { UserActor } from './actor.ts'
import { permissionGroupNames, permissionsOf } from './permissions.ts'

const fields = {
  name: nameField,
  password: z.string().min(8).max(1000),
  permissionGroups: z
    .array(z.enum(permissionGroupNames))
    .max(20)
    .transform((groups) => [...new Set(groups)]),
}
const newUser = z.strictObject({ ...fields, permissionGroups: fields.permissionGroups.default([]) })
const userChange = z.strictObject(fields).partial()

export interface NewUser {
  readonly name: string
  readonly password: string
  readonly permissionGroups: readonly PermissionGroup[]
}

export function parseNewUser(input: unknown): NewUser {
  return parseWith(newUser, input)
}

export function parseUserChange(input: unknown): Partial<NewUser> {
  return parseWith(userChange, input)
}

/** The names of the fields that a change names: what an event may tell of it. */
export function changedFields(change: object): string[] {
  return Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [name]))
}

/** Administrators see every group's machines, others those of the groups that they are in. */
export function actorOf(user: Pick<User, 'key' | 'name' | 'permissionGroups'>, groups: readonly number[]): UserActor {
  const permissions = permissionsOf(user.permissionGroups)
  const administers = user.permissionGroups.includes('administrator')
  return { kind: 'user', user: user.key, name: user.name, permissions, groups: administers ? 'all' : groups }
}
