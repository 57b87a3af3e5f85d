import { type KeyObject, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { VirtkitError, invalidInput } from '@virtkit/spi'
import { z } from 'zod'
import type { License, LicenseStatus } from './licensing.ts'

const time = z.int().min(0)
const schema = z.object({
  customerId: z.string().min(1).max(200),
  virtualMachines: z.int().min(0),
  issuedAt: time,
  expiresAt: time,
})

export type LicenseTerms = Omit<License, 'document'>

/**
 * Makes a licence: what it says as JSON and an Ed25519 signature of that (RFC 8032), both as base64url (RFC 4648, 5) with a dot
 * between them. For those who sell; a kit only needs the public key.
 *
 * @example
 * ```ts
 * signLicense(privateKeyPem, { customerId: 'C-17', virtualMachines: 500, issuedAt: Date.now(), expiresAt: Date.UTC(2028, 0) })
 * ```
 */
export function signLicense(privateKey: string, terms: LicenseTerms): string {
  const said = Buffer.from(JSON.stringify(schema.parse(terms))).toString('base64url')
  return `${said}.${sign(null, Buffer.from(said), createPrivateKey(privateKey)).toString('base64url')}`
}

/** An Ed25519 public key as PEM. Throws `INVALID_INPUT`. */
export function parsePublicKey(pem: string): KeyObject {
  // Node would make the public key of it; but who can sign has no licence to fear, and no kit should hold it.
  if (pem.includes('PRIVATE KEY')) {
    const problem = 'is the private key; hand in the public one, and keep this one away from kits'
    throw invalidInput([{ field: 'licensing.publicKey', problem }])
  }
  try {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // Told below, without what was handed in: it might be the private key.
  }
  throw invalidInput([{ field: 'licensing.publicKey', problem: 'must be an Ed25519 public key as PEM' }])
}

/** What a document says, or `undefined` when the key did not sign it. */
export function readLicense(publicKey: KeyObject, text: string): License | undefined {
  const document = text.trim()
  const [said = '', signature = '', ...more] = document.split('.')
  if (more.length > 0 || !verify(null, Buffer.from(said), publicKey, Buffer.from(signature, 'base64url'))) return undefined
  try {
    return { document, ...schema.parse(JSON.parse(Buffer.from(said, 'base64url').toString())) }
  } catch {
    return undefined
  }
}

export function statusOf(license: License | undefined, used: number, now: number): LicenseStatus {
  if (!license) return { state: 'missing', limit: 0, used }
  const isExpired = now >= license.expiresAt
  return { state: isExpired ? 'expired' : 'valid', license, limit: isExpired ? 0 : license.virtualMachines, used }
}

/** Why one machine more is too many, if it is. */
export function licenseProblem(status: LicenseStatus): VirtkitError<'LICENSE_EXCEEDED'> | undefined {
  const { state, limit, used } = status
  if (limit === undefined || used < limit) return undefined
  const message = {
    missing: 'There is no licence.',
    expired: 'The licence has expired.',
    valid: `The licence is for ${limit} machines, and there are ${used}.`,
    off: '',
  }[state]
  return new VirtkitError('LICENSE_EXCEEDED', message, {
    details: { limit, used, asked: 1 },
    hint: state === 'valid' ? 'Remove machines, or install a larger licence.' : 'Install a licence that is valid.',
  })
}
