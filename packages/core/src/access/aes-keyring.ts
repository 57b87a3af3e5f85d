import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { Secret, VirtkitError } from '@virtkit/spi'
import type { Keyring } from './keyring.ts'

export interface RingKey {
  /** 1 to 32 letters, digits, dashes or underscores. */
  readonly id: string
  /** 32 bytes. */
  readonly key: Buffer
}

const version = 'vk1'
const ivLength = 12
const tagLength = 16

/**
 * AES-256-GCM with a random 96-bit IV per secret (NIST SP 800-38D, 8.2.2) and the context as additional data. Sealed text is
 * `vk1.<keyId>.<iv>.<ciphertext>.<tag>`, in base64url.
 *
 * Keys stand newest first: the newest seals, any opens. `derive` uses the oldest, so that a new key changes nothing that was
 * derived before; dropping the oldest key changes all of it.
 */
export class AesKeyring implements Keyring {
  readonly #keys: ReadonlyMap<string, Buffer>
  readonly #newest: RingKey
  readonly #oldest: RingKey

  constructor(keys: readonly [RingKey, ...RingKey[]]) {
    this.#keys = new Map(keys.map(({ id, key }) => [id, key]))
    this.#newest = keys[0]
    this.#oldest = keys.at(-1) ?? keys[0]
  }

  seal(secret: Secret, context: string): string {
    const iv = randomBytes(ivLength)
    const cipher = createCipheriv('aes-256-gcm', this.#newest.key, iv).setAAD(Buffer.from(context))
    const text = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()])
    return [version, this.#newest.id, ...[iv, text, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join(
      '.',
    )
  }

  open(sealed: string, context: string): Secret {
    const [form, id, ...parts] = sealed.split('.')
    const [iv, text, tag] = parts.map((part) => Buffer.from(part, 'base64url'))
    if (form !== version || id === undefined || iv?.length !== ivLength || !text || tag?.length !== tagLength) {
      throw changed(context)
    }
    const key = this.#keys.get(id)
    if (!key) throw keyMissing(id, context)
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength })
      decipher.setAAD(Buffer.from(context)).setAuthTag(tag)
      return new Secret(Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8'))
    } catch (cause) {
      throw changed(context, cause)
    }
  }

  isStale(sealed: string): boolean {
    return !sealed.startsWith(`${version}.${this.#newest.id}.`)
  }

  derive(purpose: string): Secret {
    const bytes = hkdfSync('sha256', this.#oldest.key, Buffer.alloc(0), `virtkit/${purpose}`, 32)
    return new Secret(Buffer.from(bytes).toString('base64url'))
  }
}

function changed(context: string, cause?: unknown): VirtkitError<'INTERNAL'> {
  return new VirtkitError('INTERNAL', `The sealed text of ${context} was changed, or belongs to something else.`, {
    details: {},
    hint: 'Enter the secret again, or restore a backup. If a key was replaced under its old id, put the old key back.',
    cause,
  })
}

function keyMissing(id: string, context: string): VirtkitError<'UNAUTHENTICATED'> {
  return new VirtkitError(
    'UNAUTHENTICATED',
    `The key ${JSON.stringify(id)} that sealed ${context} is not in the key ring.`,
    {
      details: {},
      hint: 'Add the key to `encryption`, behind newer ones, or enter the secret again.',
    },
  )
}
