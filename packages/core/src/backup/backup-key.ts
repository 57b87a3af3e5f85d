import { type BinaryLike, type ScryptOptions, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { Secret, invalidInput } from '@virtkit/spi'
import type { Keyring } from '../access/keyring.ts'
import type { BackupWriteOptions } from './backup.ts'
import type { BackupHeader } from './backup-rules.ts'

const derive = promisify<BinaryLike, BinaryLike, number, ScryptOptions, Buffer>(scrypt)
const cost = { N: 2 ** 15, r: 8, p: 1 } as const
const shortest = 12

/** A key for one file, and what the file says about it; no key for a file in clear. */
export async function newFileKey(
  keyring: Keyring,
  id: string,
  encryption: BackupWriteOptions['encryption'] = 'installation',
): Promise<{ key: Buffer | undefined; encryption: BackupHeader['encryption'] }> {
  if (encryption === 'none') return { key: undefined, encryption: { kind: 'none' } }
  if (encryption === 'installation') {
    const key = randomBytes(32)
    const sealedKey = keyring.seal(new Secret(key.toString('base64')), keyContext(id))
    return { key, encryption: { kind: 'installation', sealedKey } }
  }
  if (encryption.passphrase.reveal().length < shortest) {
    throw invalidInput([{ field: 'passphrase', problem: `must be at least ${shortest} characters long` }])
  }
  const salt = randomBytes(16)
  const key = await stretch(encryption.passphrase, salt)
  return { key, encryption: { kind: 'passphrase', salt: salt.toString('base64'), ...cost } }
}

/** Throws `UNAUTHENTICATED` when the ring lacks the key, `INVALID_INPUT` when a passphrase is needed. */
export async function fileKeyOf(
  keyring: Keyring,
  { id, encryption }: BackupHeader,
  passphrase: Secret | undefined,
): Promise<Buffer | undefined> {
  switch (encryption.kind) {
    case 'none':
      return undefined
    case 'installation':
      return Buffer.from(keyring.open(encryption.sealedKey, keyContext(id)).reveal(), 'base64')
    case 'passphrase':
      if (passphrase) return stretch(passphrase, Buffer.from(encryption.salt, 'base64'))
      throw invalidInput([{ field: 'passphrase', problem: 'is missing: this backup was made with one' }])
  }
}

/** What tells later whether a ring is the one that sealed the secrets of this backup. */
export function ringProof(keyring: Keyring, id: string): string {
  return keyring.seal(new Secret(id), ringContext(id))
}

/** Throws `UNAUTHENTICATED` naming the key that is not in the ring. */
export function checkRing(keyring: Keyring, { id, ring }: BackupHeader): void {
  keyring.open(ring, ringContext(id))
}

const keyContext = (id: string): string => `backup/${id}/key`
const ringContext = (id: string): string => `backup/${id}/ring`

// The same passphrase typed on two systems may be composed differently (RFC 8265, 4.2).
function stretch(passphrase: Secret, salt: Buffer): Promise<Buffer> {
  return derive(passphrase.reveal().normalize('NFC'), salt, 32, { ...cost, maxmem: 256 * cost.N * cost.r })
}
