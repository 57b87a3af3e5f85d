import type { Secret } from '@virtkit/spi'
import type { Keyring } from '../access/keyring.ts'
import { cleanedError } from './cleaned-error.ts'
import { formsOf } from './secret-forms.ts'

const most = 2000
const shortest = 6

/** Texts that are a secret by their shape, whoever's it is. What stands in brackets stays. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\bvk1\.[\w-]+\.[\w-]+\.[\w-]*\.[\w-]+/g, '[sealed]'],
  [/\bwhsec_[\w+/=-]+/g, '[secret]'],
  [/\$(?:[1256aby]{1,2}|argon2\w*)\$[\w./$,=+-]+/g, '[hash]'],
  [/\bscrypt\$[\w$-]+/g, '[hash]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [secret]'],
  [/(\w:\/\/)[^\s/@]+@/g, '$1[secret]@'],
  [/\b((?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key|authorization)["']?\s*[=:]\s*["']?)[^\s"',;&]+/gi, '$1[secret]'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g, '[secret]'],
]
/** Keys, tokens and hashes; ids of ours are shorter. */
const long = /[\w+-]{40,}={0,2}/g

/**
 * The secrets that passed through the key ring lately, so that they can be taken out of texts. They are in this process's memory
 * anyway; what is kept here is the newest only.
 */
export class KnownSecrets {
  readonly #forms = new Map<string, readonly string[]>()

  remember(secret: Secret): void {
    const value = secret.reveal()
    if (value.length < shortest) return
    const forms = this.#forms.get(value) ?? formsOf(value)
    this.#forms.delete(value)
    this.#forms.set(value, forms)
    if (this.#forms.size > most) this.#forms.delete(this.#forms.keys().next().value!)
  }

  /** Without secrets that are known, and without what looks like one. */
  redact(text: string): string {
    return shapes
      .reduce((result, [shape, instead]) => result.replaceAll(shape, instead), this.#withoutKnown(text))
      .replaceAll(long, '[long]')
  }

  /** What a driver has thrown, without secrets that are known: some say with which password they tried. */
  cleaned(error: unknown): unknown {
    return cleanedError(error, (text) => this.#withoutKnown(text))
  }

  #withoutKnown(text: string): string {
    let result = text
    for (const forms of this.#forms.values())
      for (const form of forms) if (result.includes(form)) result = result.replaceAll(form, '[secret]')
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
