import type { PermissionGroup } from './access.ts'

/** Everything that can be asked of `Access.require`. What stands in no list of a group, the group may not. */
export const permissions = [
  'machines:read',
  'machines:write',
  'machines:power',
  'machines:install',
  'machines:delete',
  'machines:import',
  'snapshots:read',
  'snapshots:write',
  'operations:read',
  'operations:cancel',
  // In no group's list: for those who hold all.
  'events:all',
  'networks:read',
  'networks:write',
  'profiles:read',
  'profiles:write',
  'clusters:read',
  'clusters:write',
  'clusterdefaults:read',
  'clusterdefaults:write',
  'credentials:read',
  'credentials:write',
  'contingents:read',
  'contingents:write',
  'callbacks:read',
  'callbacks:write',
  'groups:read',
  'groups:write',
  'users:read',
  'users:write',
  'settings:read',
  'settings:write',
  'audit:read',
  'license:read',
  'license:write',
  'notifications:read',
  'notifications:write',
  'logs:read',
  'backup:read',
  'backup:write',
  'metrics:read',
] as const

export type Permission = (typeof permissions)[number]

const viewer: readonly Permission[] = [
  'machines:read',
  'snapshots:read',
  'operations:read',
  'networks:read',
  'profiles:read',
  'clusters:read',
  'contingents:read',
  'groups:read',
  'notifications:read',
]

const user: readonly Permission[] = [
  ...viewer,
  'machines:write',
  'machines:power',
  'machines:install',
  'machines:delete',
  'snapshots:write',
  'operations:cancel',
  'notifications:write',
]

const operator: readonly Permission[] = [
  ...user,
  'networks:write',
  'profiles:write',
  'clusterdefaults:read',
  'clusterdefaults:write',
  'callbacks:read',
  'callbacks:write',
  'settings:read',
  'metrics:read',
  // Not a user's: it takes over machines that are somebody else's so far.
  'machines:import',
]

/** What each group of permissions holds: `viewer` looks, `user` runs machines, `operator` also keeps what machines run on. */
export const permissionGroups: Readonly<Record<PermissionGroup, readonly Permission[] | 'all'>> = {
  administrator: 'all',
  operator,
  user,
  viewer,
}

export const permissionGroupNames: readonly PermissionGroup[] = ['administrator', 'operator', 'user', 'viewer']

/** What somebody in these groups may do; nothing when there are none. */
export function permissionsOf(groups: readonly PermissionGroup[]): ReadonlySet<string> | 'all' {
  const held = groups.map((group) => permissionGroups[group])
  return held.includes('all') ? 'all' : new Set(held.flatMap((each) => (each === 'all' ? [] : [...each])))
}

/** The same by name: of administrators, everything that there is. */
export function listPermissions(groups: readonly PermissionGroup[]): readonly string[] {
  const held = permissionsOf(groups)
  return held === 'all' ? permissions : [...held]
}

/** The first permission of these groups that the giver does not hold: nobody gives away more than they have. */
export function beyond(giver: ReadonlySet<string> | 'all', groups: readonly PermissionGroup[]): string | undefined {
  if (giver === 'all') return undefined
  const given = permissionsOf(groups)
  return given === 'all' ? 'all' : [...given].find((permission) => !giver.has(permission))
}
