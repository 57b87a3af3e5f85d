import { hash as hashOf } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What stands before every token, for those who look for secrets in places where none should be. */
export const tokenPrefix = 'vkt_'

const pattern = /^vkt_([0-9a-f]{64})([0-9a-f]{8})$/

/** `vkt_`, 256 random bits in hex, and a checksum of them (CRC-32): a scanner sees without asking whether it is one of ours. */
export function writeToken(random: Buffer): string {
  const secret = random.toString('hex')
  return `${tokenPrefix}${secret}${checksumOf(secret)}`
}

/** False for what can be none of ours: no need to look for it. */
export function isToken(text: unknown): text is string {
  if (typeof text !== 'string') return false
  const [, secret, checksum] = pattern.exec(text) ?? []
  return secret !== undefined && checksumOf(secret) === checksum
}

/** What is stored of a token: SHA-256 needs no salt and no cost where the input is random. */
export function hashToken(token: string): { readonly lookup: string; readonly hash: string } {
  const hash = hashOf('sha256', token, 'hex')
  return { lookup: hash.slice(0, 16), hash }
}

function checksumOf(secret: string): string {
  return crc32(secret).toString(16).padStart(8, '0')
}
