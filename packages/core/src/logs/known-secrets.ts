import type { Secret } from '@virtkit/spi'
import type { Keyring } from '../access/keyring.ts'

const most = 2000
const shortest = 6

/** Texts that look like a secret, whoever's it is. What stands in brackets stays. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\bvk1\.[\w-]+\.[\w-]+\.[\w-]*\.[\w-]+/g, '[sealed]'],
  [/\bwhsec_[\w+/=-]+/g, '[secret]'],
  [/\$(?:[1256aby]{1,2}|argon2\w*)\$[\w./$,=+-]+/g, '[hash]'],
  [/\bscrypt\$[\w$-]+/g, '[hash]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [secret]'],
  [/(\w:\/\/)[^\s/@]+@/g, '$1[secret]@'],
  [/\b((?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key|authorization)["']?\s*[=:]\s*["']?)[^\s"',;&]+/gi, '$1[secret]'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g, '[secret]'],
  // Keys, tokens and hashes; ids of ours are shorter.
  [/[\w+-]{40,}={0,2}/g, '[long]'],
]

/**
 * The secrets that passed through the key ring lately, so that they can be taken out of texts. They are in this process's memory
 * anyway; what is kept here is the newest only.
 */
export class KnownSecrets {
  readonly #values = new Set<string>()

  remember(secret: Secret): void {
    const value = secret.reveal()
    if (value.length < shortest) return
    this.#values.delete(value)
    this.#values.add(value)
    if (this.#values.size > most) this.#values.delete(this.#values.values().next().value!)
  }

  /** Without secrets that are known, and without what looks like one. */
  redact(text: string): string {
    let result = text
    for (const value of this.#values) {
      for (const form of [value, encodeURIComponent(value), Buffer.from(value).toString('base64')])
        if (result.includes(form)) result = result.replaceAll(form, '[secret]')
    }
    for (const [shape, instead] of shapes) result = result.replaceAll(shape, instead)
    return result
  }

  /** The same ring, whose secrets are remembered. */
  watching(ring: Keyring): Keyring {
    const kept = (secret: Secret): Secret => {
      this.remember(secret)
      return secret
    }
    return {
      seal: (secret, context) => ring.seal(kept(secret), context),
      open: (sealed, context) => kept(ring.open(sealed, context)),
      isStale: (sealed) => ring.isStale(sealed),
      derive: (purpose) => kept(ring.derive(purpose)),
    }
  }
}
