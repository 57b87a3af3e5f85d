import { createHmac, randomBytes } from 'node:crypto'
import { Secret } from '@virtkit/spi'

// Standard Webhooks, symmetric signatures: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

const prefix = 'whsec_'

export interface SignedHeaders {
  readonly 'webhook-id': string
  /** Seconds since the epoch, of this attempt. */
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

/** What a receiver needs to check that a delivery is from us, is whole, and is not an old one. */
export function signedHeaders(
  delivery: { readonly id: string; readonly body: string; readonly at: number },
  secret: Secret,
): SignedHeaders {
  const seconds = Math.floor(delivery.at / 1000)
  const key = Buffer.from(secret.reveal().slice(prefix.length), 'base64')
  const signature = createHmac('sha256', key).update(`${delivery.id}.${seconds}.${delivery.body}`).digest('base64')
  return {
    'webhook-id': delivery.id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signature}`,
  }
}

/** A signing secret as receivers' libraries take it: `whsec_` and 32 random bytes in base64. */
export function newSigningSecret(): Secret {
  return new Secret(prefix + randomBytes(32).toString('base64'))
}
