import { isVirtkitError } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import type { Permission } from '../access/permissions.ts'

/**
 * What an event is about, by the first word of its type, or by the whole of it where that tells more: what one must hold to be told, and in whose scope it is. `group`: those
 * in the group that it was written for. `network`, `cluster` and `profile`: those who may see that thing now. `anybody`: all who
 * hold the permission.
 */
interface Kind {
  readonly permission: Permission
  readonly scope: 'group' | 'network' | 'cluster' | 'profile' | 'anybody'
}

// What stands not here is told to those only who see everything: a new type of event begins as a secret.
const kinds: Readonly<Record<string, Kind>> = {
  machine: { permission: 'machines:read', scope: 'group' },
  install: { permission: 'machines:read', scope: 'group' },
  template: { permission: 'machines:read', scope: 'group' },
  snapshot: { permission: 'snapshots:read', scope: 'group' },
  operation: { permission: 'operations:read', scope: 'group' },
  contingent: { permission: 'contingents:read', scope: 'group' },
  group: { permission: 'groups:read', scope: 'group' },
  network: { permission: 'networks:read', scope: 'network' },
  cluster: { permission: 'clusters:read', scope: 'cluster' },
  // It tells the defaults that were found.
  'cluster.synchronized': { permission: 'clusterdefaults:read', scope: 'cluster' },
  profile: { permission: 'profiles:read', scope: 'profile' },
  callback: { permission: 'callbacks:read', scope: 'anybody' },
  clusterdefaults: { permission: 'clusterdefaults:read', scope: 'anybody' },
  credentials: { permission: 'credentials:read', scope: 'anybody' },
  license: { permission: 'license:read', scope: 'anybody' },
  settings: { permission: 'settings:read', scope: 'anybody' },
  user: { permission: 'users:read', scope: 'anybody' },
}

/** Which events somebody is told of: all, or those of these kinds by their scope. */
export type Visibility =
  | 'all'
  | {
      readonly groups: readonly number[] | 'all'
      /** First words of types and whole types, by scope. */
      readonly kinds: Readonly<Record<Kind['scope'], readonly string[]>>
    }

/** Promises: nobody is told of more than they could have read. Who sees all groups and may do everything is told everything. */
export function visibilityOf(access: Access, by: By | undefined): Visibility {
  const isAllowed = (permission: Permission): boolean => {
    try {
      access.require(by, permission)
      return true
    } catch (error) {
      if (isVirtkitError(error, 'FORBIDDEN')) return false
      throw error
    }
  }
  const words = Object.keys(kinds).filter((word) => isAllowed(kinds[word]!.permission))
  const groups = words.length === 0 ? [] : access.groupsOf(access.require(by, kinds[words[0]!]!.permission))
  if (groups === 'all' && isAllowed('events:all')) return 'all'
  const of = (scope: Kind['scope']): string[] => words.filter((word) => kinds[word]!.scope === scope)
  return {
    groups,
    kinds: {
      group: of('group'),
      network: of('network'),
      cluster: of('cluster'),
      profile: of('profile'),
      anybody: of('anybody'),
    },
  }
}

/** Types that go by rules of their own, whatever their first word. */
export const wholeTypes: readonly string[] = Object.keys(kinds).filter((kind) => kind.includes('.'))

/** What a subject is: `machine/12` is a machine, number 12. */
export function parseSubject(subject: string): { readonly kind: string; readonly key?: number } {
  const [, kind, key] = /^([a-z]+)\/(\d{1,9}|1\d{9})$/.exec(subject) ?? []
  return kind === undefined ? { kind: subject } : { kind, key: Number(key) }
}
