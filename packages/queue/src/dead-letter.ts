import type { QueueMessage } from './queue-engine.ts'
import type { DeadReason, Refusal } from './command-verdict.ts'

/** What lies in `<queue>.dead`: why, and the message as it came. Send `message` again when the reason is gone; its id may stay. */
export interface DeadLetter {
  readonly reason: DeadReason
  /** Every problem, each naming its field. */
  readonly errors: readonly string[]
  /** Of HTTP, where the API has answered. */
  readonly status?: number
  readonly code?: string
  /** How often it was tried. */
  readonly attempts: number
  /** ISO 8601. */
  readonly at: string
  /** Without its token. */
  readonly message: unknown
}

/** Of what is no envelope, so much is kept. */
const mostText = 65_536

export function deadLetter(
  reason: DeadReason,
  refusal: Pick<Refusal, 'errors'> & Partial<Refusal>,
  about: { readonly body: unknown; readonly attempts: number; readonly id: string; readonly now: number },
): QueueMessage {
  const { errors, status, code } = refusal
  const letter: DeadLetter = {
    reason,
    errors,
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    attempts: about.attempts,
    at: new Date(about.now).toISOString(),
    message: withoutToken(about.body),
  }
  return { id: about.id, type: 'virtkit.dead-letter', contentType: 'application/json', body: letter }
}

function withoutToken(body: unknown): unknown {
  if (typeof body === 'string') return body.slice(0, mostText)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const { token: _, attempt: __, ...rest } = body as { token?: unknown; attempt?: unknown }
  return rest
}
