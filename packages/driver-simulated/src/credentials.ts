import { createHash, timingSafeEqual } from 'node:crypto'
import type { Secret } from '@virtkit/spi'

/** Who may use a simulator. */
export interface Credentials {
  readonly username: string
  readonly password: Secret | string
}

/** Whether these are the ones; takes the same time whatever is wrong. Without `wanted`, everybody may. */
export function credentialsFit(
  wanted: Credentials | undefined,
  given: { readonly username?: string | undefined; readonly password?: Secret | string | undefined },
): boolean {
  if (!wanted) return true
  const name = timingSafeEqual(digest(wanted.username), digest(given.username ?? ''))
  const password = timingSafeEqual(digest(reveal(wanted.password)), digest(reveal(given.password ?? '')))
  return name && password
}

export function reveal(secret: Secret | string): string {
  return typeof secret === 'string' ? secret : secret.reveal()
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
