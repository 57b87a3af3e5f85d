import { denied } from '../api-error.ts'
import type { World } from '../world/world.ts'
import type { AclEntry, Accounts, Caller } from './accounts.ts'

/** Answers what a caller may do where. */
export interface Permissions {
  /** Privileges at a path; the value says whether they reach further down. */
  at(caller: Caller, path: string): Map<string, 0 | 1>
  may(caller: Caller, path: string, privileges: readonly string[], any?: boolean): boolean
  /** Throws `Permission check failed (path, privileges)`. */
  check(caller: Caller, path: string, privileges: readonly string[], any?: boolean): void
}

export function createPermissions(accounts: Accounts, world: World): Permissions {
  const rolesOf = (type: AclEntry['type'][], ids: ReadonlySet<string>, path: string): Map<string, boolean> => {
    let found = new Map<string, boolean>()
    for (const prefix of prefixes(path)) {
      const here = accounts.acl.filter(
        (entry) =>
          entry.path === prefix && type.includes(entry.type) && ids.has(entry.ugid) && (entry.propagate || prefix === path),
      )
      // What stands deeper replaces what comes from above.
      if (here.length > 0) found = new Map(here.map(({ roleid, propagate }) => [roleid, propagate]))
      if (found.has('NoAccess')) found = new Map([['NoAccess', true]])
    }
    return found
  }
  const privilegesOf = (roles: Map<string, boolean>): Map<string, 0 | 1> => {
    const privileges = new Map<string, 0 | 1>()
    for (const [role, propagate] of roles) {
      for (const privilege of accounts.roles.get(role) ?? []) privileges.set(privilege, propagate ? 1 : 0)
    }
    return privileges
  }
  const ofUser = (userid: string, path: string): Map<string, 0 | 1> => {
    if (userid === 'root@pam') return privilegesOf(new Map([['Administrator', true]]))
    const own = rolesOf(['user'], new Set([userid]), path)
    if (own.size > 0) return privilegesOf(own)
    return privilegesOf(rolesOf(['group'], accounts.users.get(userid)?.groups ?? new Set(), path))
  }
  const direct = (caller: Caller, path: string): Map<string, 0 | 1> => {
    const user = ofUser(caller.userid, path)
    if (!caller.token?.privsep) return user
    const own = privilegesOf(rolesOf(['token'], new Set([caller.id]), path))
    return new Map([...own].filter(([privilege]) => user.has(privilege)))
  }
  const permissions: Permissions = {
    at: (caller, path) => {
      const vmid = /^\/vms\/(\d+)$/.exec(path)?.[1]
      const pool = vmid === undefined ? undefined : world.poolOf(Number(vmid))
      return pool === undefined
        ? direct(caller, path)
        : new Map([...direct(caller, `/pool/${pool}`), ...direct(caller, path)])
    },
    may: (caller, path, privileges, any = false) => {
      const has = permissions.at(caller, path)
      return any ? privileges.some((privilege) => has.has(privilege)) : privileges.every((privilege) => has.has(privilege))
    },
    check: (caller, path, privileges, any = false) => {
      if (permissions.may(caller, path, privileges, any)) return
      const has = permissions.at(caller, path)
      throw denied(path, any ? privileges : privileges.filter((privilege) => !has.has(privilege)), any)
    },
  }
  return permissions
}

function prefixes(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)]
}
