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
  { request }: LoginOrigin,
  trace: string | undefined,
): Promise<Call['by']> {
  if (!actor) throw new RequestError(401, ['who are you? send a token or name and password'], challenge)
  const by = { actor, ...(request !== undefined && { request }), ...(trace !== undefined && { trace }) }
  if (permission === 'signed-in' || actor.permissions === 'all' || actor.permissions.has(permission)) return by
  await kit.audit.refused(permission, by)
  throw new RequestError(403, [`${actor.name} lacks the permission ${permission}`])
}
