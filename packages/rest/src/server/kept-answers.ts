import type { Claim } from '@virtkit/core'
import { RequestError } from './error-response.ts'

/** An answer as it is kept. */
export interface Reply {
  readonly status: number
  readonly headers: readonly [string, string][]
  readonly body: string
}

export async function toReply(response: Response): Promise<Reply> {
  return { status: response.status, headers: [...response.headers], body: await response.text() }
}

export function toResponse({ status, headers, body }: Reply): Response {
  return new Response(status === 204 ? null : body, { status, headers: headers.map(([name, value]) => [name, value]) })
}

/** Refusals are kept as well, where the same request would not be another one by who asks, when, or under which condition. */
export function isKept(response: Response): boolean {
  return response.status < 500 && ![401, 403, 412, 429].includes(response.status)
}

/** The answer to whoever has no claim. Throws `RequestError` while there is none, and for another request. */
export function settle(claim: Claim): Response {
  if (claim.state === 'replied') {
    const response = toResponse(JSON.parse(claim.reply) as Reply)
    response.headers.set('idempotency-replayed', 'true')
    return response
  }
  if (claim.state === 'other-request')
    throw new RequestError(422, ['idempotency-key: stands for another request; take a new key for each new request'])
  const seconds = claim.state === 'under-way' ? Math.ceil(claim.retryAfterMs / 1000) : 1
  throw new RequestError(409, ['idempotency-key: the first request with it is under way; ask again a little later'], {
    'retry-after': String(seconds),
  })
}
