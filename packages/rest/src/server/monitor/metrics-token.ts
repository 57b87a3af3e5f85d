import { createHash, timingSafeEqual } from 'node:crypto'
import type { UserActor } from '@virtkit/core'
import { invalidInput } from '@virtkit/spi'

/** Tells who asks; `undefined` is nobody. */
export type Authenticate<More extends unknown[]> = (
  request: Request,
  ...more: More
) => Promise<UserActor | undefined> | UserActor | undefined

/** Lets in who brings the token, as somebody who may read metrics and nothing else; asks for everybody else. */
export function orMetricsToken<More extends unknown[]>(
  token: string | undefined,
  authenticate: Authenticate<More>,
): Authenticate<More> {
  if (token === undefined) return authenticate
  if (token.length < 16) throw invalidInput([{ field: 'metricsToken', problem: 'is shorter than 16 characters' }])
  const expected = digest(token)
  return (request, ...more) => {
    const [, given] = /^Bearer\s+(\S+)\s*$/i.exec(request.headers.get('authorization') ?? '') ?? []
    return given !== undefined && timingSafeEqual(digest(given), expected) ? reader : authenticate(request, ...more)
  }
}

const reader: UserActor = { kind: 'user', user: 0, name: 'metrics', permissions: new Set(['metrics:read']), groups: [] }

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
