import type { UserActor, Virtkit } from '@virtkit/core'

/** HTTP Basic (RFC 7617) with our users; nobody without it. Throws `UNAUTHENTICATED` for a wrong password. */
export async function authenticateBasic(kit: Virtkit, request: Request): Promise<UserActor | undefined> {
  const [, encoded] = /^Basic\s+([A-Za-z0-9+/=]+)\s*$/i.exec(request.headers.get('authorization') ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const at = text.indexOf(':')
  return at < 0 ? undefined : kit.users.authenticate(text.slice(0, at), text.slice(at + 1))
}
