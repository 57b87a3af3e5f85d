import type { LoginOrigin, UserActor, Virtkit } from '@virtkit/core'
import type { OperationContract } from '../contract/operation.ts'
import { RequestError, challenge } from './error-answer.ts'
import type { Call } from './handler.ts'

/**
 * Whether somebody may call an operation that is not public, before anything of what they sent is looked at. A refusal is noted in
 * the audit log. Throws 401 for nobody, 403 who lacks the permission.
 */
export async function admit(
  kit: Virtkit,
  { permission }: OperationContract,
  actor: UserActor | undefined,
  from: LoginOrigin,
  trace: string | undefined,
): Promise<Call['by']> {
  if (!actor) throw new RequestError(401, ['who are you? send a token or name and password'], challenge)
  const by = byOf(actor, from, trace)
  if (holds(actor, permission)) return by
  await kit.audit.refused(permission, by)
  throw new RequestError(403, [`${actor.name} lacks the permission ${permission}`])
}

/** What accompanies all that is done for somebody. */
export function byOf(actor: UserActor, { request }: LoginOrigin, trace: string | undefined): Call['by'] {
  return { actor, ...(request !== undefined && { request }), ...(trace !== undefined && { trace }) }
}

export function holds({ permissions }: UserActor, permission: string): boolean {
  return permission === 'public' || permission === 'signed-in' || permissions === 'all' || permissions.has(permission)
}
