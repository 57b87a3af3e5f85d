import type { Claim } from '@virtkit/core'
import { type Answer, TextAnswer } from './answer.ts'
import { RequestError } from './error-answer.ts'

/** An answer as it is kept. */
export interface Reply {
  readonly status: number
  readonly headers: readonly [string, string][]
  readonly body: string
}

export async function toReply(answer: Answer): Promise<Reply> {
  const { status } = answer
  if (answer instanceof TextAnswer) return { status, headers: Object.entries(answer.headers), body: answer.text }
  return { status, headers: [...answer.headers], body: await answer.clone().text() }
}

export function toAnswer({ status, headers, body }: Reply): TextAnswer {
  return new TextAnswer(status, Object.fromEntries(headers), body)
}

/** Refusals are kept as well, where the same request would not be another one by who asks, when, or under which condition. */
export function isKept({ status }: Answer): boolean {
  return status < 500 && ![401, 403, 412, 429].includes(status)
}

/** The answer to whoever has no claim. Throws `RequestError` while there is none, and for another request. */
export function settle(claim: Claim): Answer {
  if (claim.state === 'replied') {
    const { status, headers, text } = toAnswer(JSON.parse(claim.reply) as Reply)
    return new TextAnswer(status, { ...headers, 'idempotency-replayed': 'true' }, text)
  }
  if (claim.state === 'other-request')
    throw new RequestError(422, ['idempotency-key: stands for another request; take a new key for each new request'])
  const seconds = claim.state === 'under-way' ? Math.ceil(claim.retryAfterMs / 1000) : 1
  throw new RequestError(409, ['idempotency-key: the first request with it is under way; ask again a little later'], {
    'retry-after': String(seconds),
  })
}
