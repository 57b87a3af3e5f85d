import { createHmac, randomBytes } from 'node:crypto'
import { Secret } from '@virtkit/spi'

// Standard Webhooks, symmetric signatures: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

const prefix = 'whsec_'

export interface SignedHeaders {
  readonly 'webhook-id': string
  /** Seconds since the epoch, of this attempt. */
  readonly 'webhook-timestamp': string
  /** One for each secret, with a space between them. */
  readonly 'webhook-signature': string
}

/**
 * What a receiver needs to check that a delivery is from us, is whole, and is not an old one. Each secret signs: a receiver takes it
 * when one of the signatures fits.
 */
export function signedHeaders(
  delivery: { readonly id: string; readonly body: string; readonly at: number },
  ...secrets: readonly [Secret, ...Secret[]]
): SignedHeaders {
  const seconds = Math.floor(delivery.at / 1000)
  const signed = `${delivery.id}.${seconds}.${delivery.body}`
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.reveal().slice(prefix.length), 'base64')
    return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  })
  return {
    'webhook-id': delivery.id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  }
}

/** A signing secret as receivers' libraries take it: `whsec_` and 32 random bytes in base64. */
export function newSigningSecret(): Secret {
  return new Secret(prefix + randomBytes(32).toString('base64'))
}
