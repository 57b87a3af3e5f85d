import type { By } from '../access/actor.ts'
import type { Queries } from '../database/database.ts'
import type { Secret } from '@virtkit/spi'
import type { Attempt } from './callback-rules.ts'

/**
 * URLs that are told of a cluster's installs and deletions.
 *
 * Promises: each is told at least once, signed per Standard Webhooks, in the order in which things happened to a machine; a repetition
 * has the same `webhook-id`. What is not accepted with a 2xx is tried again for some three days, in longer and longer pauses; until then
 * later ones about the same machine wait. What nobody took becomes a dead letter: it is kept for 90 days, says why, can be replayed,
 * and `callback.given-up` tells of it. Receivers in private networks are refused unless the host allows them (`receivers`).
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export interface Callbacks {
  /**
   * Makes a signing secret and answers it once. Throws `INVALID_INPUT` for what is not an http(s) URL, carries a password, or leads
   * where this host tells nobody.
   *
   * @example
   * ```ts
   * const { secret } = await kit.callbacks.add({ successUrl: 'https://example.com/ok', errorUrl: 'https://example.com/failed' })
   * ```
   */
  add(callback: CallbackInput, by?: By): Promise<Callback & { readonly secret: Secret }>
  get(key: number, by?: By): Promise<Callback>
  list(by?: By): Promise<readonly Callback[]>
  /** Replaces all but the secret. What waits to be delivered goes to the new URLs, at once. */
  update(key: number, callback: CallbackInput, by?: By): Promise<Callback>
  /** Throws `CONFLICT` while a cluster uses it. Promises: what waits is not told any more. */
  remove(key: number, by?: By): Promise<void>
  /**
   * Makes a new signing secret and answers it once. For `graceMs` (default one day, at most 30) deliveries carry two signatures, of the
   * new secret and of the one before, so that receivers can change when they like; 0 ends the old one at once. Of two rotations within
   * the time, the last two secrets sign. Throws `INVALID_INPUT`.
   *
   * @example
   * ```ts
   * const { secret, formerUntil } = await kit.callbacks.rotateSecret(3, { graceMs: 7 * 86_400_000 })
   * ```
   */
  rotateSecret(key: number, options?: { readonly graceMs?: number }, by?: By): Promise<RotatedSecret>
  /** What a callback was told or waits to be told, newest first: delivered ones of 30 days. `before` is the key of a delivery. */
  deliveries(callback: number, page?: CallbackPage, by?: By): Promise<readonly CallbackDelivery[]>
  /**
   * Tells a dead letter again, from the first attempt on, with the same `webhook-id`, at the URL that the callback has now. It comes
   * before later ones about the same machine that wait. Throws `CONFLICT` for one that is not dead, `NOT_FOUND`.
   */
  replay(callback: number, delivery: number, by?: By): Promise<CallbackDelivery>
  /** Tells all dead letters of a callback again. Answers how many there were. */
  replayDead(callback: number, by?: By): Promise<number>
  /** Stores deliveries for every callback of a cluster in the caller's transaction. The sender takes them from there. */
  enqueue(queries: Queries, clusterKey: number, notice: CallbackNotice): Promise<void>
}

export interface CallbackPage {
  readonly state?: CallbackDelivery['state']
  readonly before?: number
  /** Default 100, at most 1000. */
  readonly limit?: number
}

export interface CallbackDelivery {
  readonly key: number
  readonly callback: number
  /** The `webhook-id`, the same in every attempt. */
  readonly id: string
  readonly when: CallbackNotice['when']
  readonly subject: string
  readonly url: string
  /** `due`: not accepted yet. `dead`: given up. */
  readonly state: 'due' | 'delivered' | 'dead'
  /** Begun so far, since it was stored or replayed. */
  readonly attempts: number
  /** What became of each, oldest first. */
  readonly history: readonly Attempt[]
  /** Why the last attempt failed, for people. */
  readonly problem?: string
  readonly createdAt: number
  /** When the next attempt is due. */
  readonly dueAt?: number
  /** When it was delivered or given up. */
  readonly endedAt?: number
}

export interface RotatedSecret {
  readonly secret: Secret
  /** Until when the secret before it signs as well. */
  readonly formerUntil: number
}

export interface CallbackInput {
  readonly successUrl: string
  readonly errorUrl: string
  readonly startUrl?: string
  readonly deleteUrl?: string
  readonly notes?: string
}

export interface Callback extends CallbackInput {
  readonly key: number
  readonly notes: string
}

export interface CallbackNotice {
  /** Unique; the same notice is stored once. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly when: 'start' | 'success' | 'error' | 'delete'
  /** Deliveries of one subject are made in order: `machine/12`. */
  readonly subject: string
  readonly data: Readonly<Record<string, unknown>>
}
