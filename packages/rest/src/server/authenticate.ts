import type { LoginOrigin, UserActor, Virtkit } from '@virtkit/core'
import { RequestError } from './error-answer.ts'

export interface Credentials {
  readonly name: string
  readonly password: string
}

/**
 * Who asks, by our tokens (RFC 6750) or HTTP Basic (RFC 7617); nobody without either. Throws 401 for a token that is none, and
 * `UNAUTHENTICATED` for a wrong password.
 */
export async function authenticate(kit: Virtkit, request: Request, from: LoginOrigin = {}): Promise<UserActor | undefined> {
  const token = bearerOf(request)
  if (token !== undefined) {
    const actor = await kit.tokens.resolve(token)
    if (actor) return actor
    throw new RequestError(401, ['the token is unknown, has expired or was revoked; get a new one'], {
      'www-authenticate': 'Bearer realm="virtkit", error="invalid_token"',
    })
  }
  const basic = basicOf(request)
  return basic && kit.users.authenticate(basic.name, basic.password, from)
}

export function bearerOf(request: Request): string | undefined {
  return /^Bearer +([^\s,]+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1]
}

export function basicOf(request: Request): Credentials | undefined {
  const [, encoded] = /^Basic\s+([A-Za-z0-9+/=]+)\s*$/i.exec(request.headers.get('authorization') ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const at = text.indexOf(':')
  return at < 0 ? undefined : { name: text.slice(0, at), password: text.slice(at + 1) }
}
