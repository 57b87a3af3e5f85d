import { createHash } from 'node:crypto'
import type { Caller } from './caller.ts'
import { RequestError } from './error-answer.ts'

/** How much one caller may ask. */
export interface RateLimit {
  /** Requests a minute, over time. */
  readonly perMinute: number
  /** Requests at once, after a while without any. Default: a minute's worth. */
  readonly burst?: number
  /**
   * Who asks, before anybody is authenticated. Default: the address that the mount tells, whatever name is tried from there; without
   * one, the name of HTTP Basic or the token, and all others together.
   */
  readonly caller?: (request: Request, caller: Caller) => string
}

/** Throws 429 with `Retry-After` where the caller has to wait. */
export function limitRate(limit: RateLimit | undefined, now: () => number): (request: Request, caller: Caller) => void {
  if (!limit) return () => {}
  const buckets = new TokenBuckets(limit.perMinute, limit.burst ?? limit.perMinute)
  const name = limit.caller ?? callerOf
  return (request, caller) => {
    const waitMs = buckets.take(name(request, caller), now())
    if (waitMs === 0) return
    const seconds = Math.ceil(waitMs / 1000)
    throw new RequestError(429, [`too many requests: wait ${seconds} s`], { 'retry-after': String(seconds) })
  }
}

interface Bucket {
  readonly tokens: number
  readonly at: number
}

/** A bucket of tokens for each caller, filled over time. Pure but for its own state: `now` is in milliseconds. */
export class TokenBuckets {
  readonly #perMs: number
  readonly #burst: number
  readonly #most: number
  /** Least recently seen first. */
  readonly #buckets = new Map<string, Bucket>()

  /** `most` callers are remembered; beyond, the one that was seen least recently starts anew. */
  constructor(perMinute: number, burst: number, most = 10_000) {
    this.#perMs = perMinute / 60_000
    this.#burst = burst
    this.#most = most
  }

  /** Takes one: 0, or the milliseconds until there is one. Waiting callers pay nothing for asking. */
  take(caller: string, now: number): number {
    const { tokens, at } = this.#buckets.get(caller) ?? { tokens: this.#burst, at: now }
    const filled = Math.min(this.#burst, tokens + Math.max(0, now - at) * this.#perMs)
    const isEnough = filled >= 1
    this.#buckets.delete(caller)
    this.#buckets.set(caller, { tokens: isEnough ? filled - 1 : filled, at: now })
    if (this.#buckets.size > this.#most) this.#buckets.delete(this.#buckets.keys().next().value!)
    return isEnough ? 0 : (1 - filled) / this.#perMs
  }
}

/** By what the request says; a token as its hash, since keys of maps end up in heap dumps. */
function callerOf(request: Request, { address }: Caller): string {
  if (address !== undefined) return `address:${address}`
  const given = request.headers.get('authorization') ?? ''
  const [, encoded] = /^Basic\s+(\S+)$/i.exec(given) ?? []
  if (encoded !== undefined) return `name:${Buffer.from(encoded, 'base64').toString().split(':')[0]}`
  return given === '' ? '' : `token:${createHash('sha256').update(given).digest('base64')}`
}
