import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'

/** Where a secret must have been seen, or the story did not use it. */
export type Use = 'kept' | 'refused' | 'hypervisor' | 'mail server' | 'receiver' | 'guest' | 'answered'

interface Canary {
  readonly value: string
  readonly use: Use
  uses: number
}

/** Secrets that are each another: whatever of them is found somewhere tells which way it took. */
export class Canaries {
  readonly #all = new Map<string, Canary>()
  /** What was thrown at whoever tried. */
  readonly errors: unknown[] = []

  get names(): readonly string[] {
    return [...this.#all.keys()]
  }

  /** A new one. `as` gives it the shape that its place wants. */
  make(name: string, use: Use, as: (random: string) => string = (random) => random): string {
    return this.adopt(name, use, as(`kanari-${name.replaceAll(' ', '-')}-${randomBytes(9).toString('hex')}`))
  }

  /** One that somebody else has made. */
  adopt(name: string, use: Use, value: string): string {
    if (this.#all.has(name)) throw new Error(`there are two canaries ${name}`)
    this.#all.set(name, { value, use, uses: 0 })
    return value
  }

  /** Somebody for whom it is meant has it: the hypervisor, the receiver of a webhook. */
  seen(by: Use, text: string): void {
    for (const canary of this.#all.values()) if (canary.use === by && text.includes(canary.value)) canary.uses += 1
  }

  /** Hands a secret over and notes how that ended; an answer of 400 or more is a refusal. */
  async spend<T>(name: string, work: Promise<T>): Promise<T | undefined> {
    const canary = this.#all.get(name)
    if (!canary) throw new Error(`there is no canary ${name}`)
    try {
      const result = await work
      const status = (result as { readonly status?: unknown } | undefined)?.status
      const isRefused = typeof status === 'number' && status >= 400
      if (canary.use === (isRefused ? 'refused' : 'kept')) canary.uses += 1
      return result
    } catch (error) {
      this.errors.push(error)
      if (canary.use === 'refused') canary.uses += 1
      return undefined
    }
  }

  /** Those that were not used as they should have been. */
  unused(): string[] {
    return [...this.#all].flatMap(([name, { use, uses }]) => (uses === 0 ? [`${name} (${use})`] : []))
  }

  /** Each that stands in a text, and as what; `but` may. */
  foundIn(text: string, but: readonly string[] = []): string[] {
    return [...this.#all].flatMap(([name, { value }]) =>
      but.includes(name)
        ? []
        : [...formsOf(value)].flatMap(([form, of]) => (text.includes(of) ? [`${name} as ${form}`] : [])),
    )
  }
}

/** Written for this story alone: what takes secrets out of texts is not asked what it looks for. */
function formsOf(value: string): Map<string, string> {
  const bytes = Buffer.from(value)
  const forms = new Map([
    ['it is', value],
    ['in a URL', encodeURIComponent(value)],
    ['in a form', new URLSearchParams({ a: value }).toString().slice(2)],
    ['hex', bytes.toString('hex')],
    ['HEX', bytes.toString('hex').toUpperCase()],
  ])
  for (const before of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(before, 'x'), bytes]).toString('base64')
    const inside = encoded.slice(before === 0 ? 0 : 4, Math.floor((before + bytes.length) / 3) * 4)
    forms.set(`base64 (${before})`, inside)
    forms.set(`base64url (${before})`, inside.replaceAll('+', '-').replaceAll('/', '_'))
  }
  return forms
}

/** All that an error says, whoever asks it how. */
export function everythingOf(error: unknown): string {
  const { message, stack, cause, details } = error as VirtkitLike
  const shown = [
    inspect(error, { depth: 12, showHidden: true, maxStringLength: null }),
    String(error),
    JSON.stringify(error),
  ]
  return [...shown, message, stack, JSON.stringify(details), inspect(cause, { depth: 12 })].join('\n')
}

interface VirtkitLike {
  readonly message?: string
  readonly stack?: string
  readonly cause?: unknown
  readonly details?: unknown
}
