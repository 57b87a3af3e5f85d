import type { PresumedActor } from '@virtkit/core'
import type { OperationContract } from '../contract/operation.ts'
import type { Answer } from './answer.ts'

/** Whether an operation only reads, and answers in JSON: done for somebody in vain, it does no harm. */
export function isReadAhead({ method, permission, result }: OperationContract): boolean {
  return method === 'GET' && permission !== 'public' && typeof result !== 'string'
}

/**
 * Reads for whom a token was of when it was last seen, while the database is asked whether it still is: one round trip less before each
 * answer. Promises: what was read, or refused, is had only when that is confirmed. `undefined` where it is not: then who asks has to be
 * found out, as if nothing had been.
 */
export async function readAhead(
  { actor, confirmed }: PresumedActor,
  read: (actor: PresumedActor['actor']) => Promise<Answer>,
): Promise<{ readonly answer: Promise<Answer> } | undefined> {
  const answer = read(actor)
  const [outcome] = await Promise.allSettled([answer])
  if (await confirmed) return { answer }
  if (outcome.status === 'fulfilled' && outcome.value instanceof Response) await outcome.value.body?.cancel()
  return undefined
}
