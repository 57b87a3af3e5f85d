import { createHash, timingSafeEqual } from 'node:crypto'
import type { LoginOrigin, UserActor } from '@virtkit/core'
import { invalidInput } from '@virtkit/spi'

type Authenticate = (
  request: Request,
  from: LoginOrigin,
) => Promise<UserActor | undefined> | UserActor | undefined

/** Lets in who brings the token, as somebody who may read metrics and nothing else; asks for everybody else. */
export function orMetricsToken(token: string | undefined, authenticate: Authenticate): Authenticate {
  if (token === undefined) return authenticate
  if (token.length < 16) throw invalidInput([{ field: 'metricsToken', problem: 'is shorter than 16 characters' }])
  const expected = digest(token)
  return (request, from) => {
    const [, given] = /^Bearer\s+(\S+)\s*$/i.exec(request.headers.get('authorization') ?? '') ?? []
    return given !== undefined && timingSafeEqual(digest(given), expected) ? reader : authenticate(request, from)
  }
}

const reader: UserActor = { kind: 'user', user: 0, name: 'metrics', permissions: new Set(['metrics:read']), groups: [] }

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
