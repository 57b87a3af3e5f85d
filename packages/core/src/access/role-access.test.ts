import { isVirtkitError } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import type { PermissionGroup } from './access.ts'
import type { UserActor } from './actor.ts'
import { beyond, permissionGroupNames, permissionGroups, permissions, permissionsOf } from './permissions.ts'
import { RoleAccess } from './role-access.ts'
import { actorOf } from './user-rules.ts'

const access = new RoleAccess()
const as = (...held: PermissionGroup[]): UserActor => actorOf({ key: 7, name: 'ada', permissionGroups: held }, [3])

describe('RoleAccess', () => {
  it('lets the kit itself do everything', () => {
    expect(access.require(undefined, 'machines:delete')).toEqual({ kind: 'system' })
    expect(access.groupsOf({ kind: 'system' })).toBe('all')
  })

  it('refuses what no permission group gives, and names it', () => {
    const attempt = () => access.require({ actor: as('viewer') }, 'machines:delete')
    expect(attempt).toThrow('ada lacks the permission machines:delete')
    try {
      attempt()
    } catch (error) {
      expect(isVirtkitError(error, 'FORBIDDEN') && error.details).toEqual({ permission: 'machines:delete' })
    }
  })

  it('gives nothing to a user of no permission group', () => {
    for (const permission of permissions) expect(() => access.require({ actor: as() }, permission)).toThrow('lacks')
  })

  it('gives nothing that it has never heard of, but to administrators', () => {
    expect(() => access.require({ actor: as('operator') }, 'cellar:read')).toThrow('cellar:read')
    expect(access.require({ actor: as('administrator') }, 'cellar:read')).toMatchObject({ name: 'ada' })
  })

  it('adds up permission groups', () => {
    expect(permissionsOf(['viewer', 'user'])).toEqual(new Set(permissionGroups.user))
    expect(permissionsOf(['viewer', 'administrator'])).toBe('all')
  })

  it('shows administrators every group, others their own', () => {
    expect(access.groupsOf(as('administrator'))).toBe('all')
    expect(access.groupsOf(as('operator'))).toEqual([3])
  })
})

describe('permission groups', () => {
  it.each(['viewer', 'user', 'operator'] as const)('%s may not touch people, passwords or limits', (group) => {
    const held = permissionsOf([group])
    const guarded = permissions.filter((each) =>
      /^(users:|credentials:|audit:|(clusters|groups|contingents|settings):write)/.test(each),
    )
    expect(guarded).toHaveLength(9)
    for (const permission of guarded) expect(held !== 'all' && held.has(permission)).toBe(false)
  })

  it('a viewer changes nothing', () => {
    expect(permissionGroups.viewer).not.toContainEqual(expect.not.stringMatching(/:read$/))
  })

  it('nobody gives away more than they have', () => {
    const user = permissionsOf(['user'])
    expect(permissionGroupNames.map((group) => beyond(user, [group]))).toEqual([
      'all',
      'networks:write',
      undefined,
      undefined,
    ])
  })
})
