import { VirtkitError } from '@virtkit/spi'
import type { Access } from './access.ts'
import { type Actor, type By, system } from './actor.ts'

/** Decides by the permissions that the actor brings along; the kit itself may do everything. */
export class RoleAccess implements Access {
  require(by: By | undefined, permission: string): Actor {
    const actor = by?.actor ?? system
    if (actor.kind === 'system' || actor.permissions === 'all' || actor.permissions.has(permission)) return actor
    throw forbidden(actor.name, permission)
  }

  groupsOf(actor: Actor): readonly number[] | 'all' {
    return actor.kind === 'system' ? 'all' : actor.groups
  }
}

export function forbidden(name: string, permission: string): VirtkitError<'FORBIDDEN'> {
  return new VirtkitError('FORBIDDEN', `${name} lacks the permission ${permission}.`, {
    details: { permission },
    hint: 'An administrator can add the user to a permission group that holds it.',
  })
}
