import type { Queries } from '../database/database.ts'

/**
 * What calls with an idempotency key were answered, for faces: the same call again is told the same. For a day; keys, requests and
 * answers are kept as keyed hashes and sealed.
 *
 * A call that only writes to the database claims, does and keeps in one transaction: effect and answer are one commit. Any other
 * claims, does with `operationKey` as its key, and keeps; when its process dies, the claim runs out, and the same call again claims
 * it with the same `operationKey`, by which the services know what was done.
 *
 * @example
 * ```ts
 * await kit.database.transaction(async (queries) => {
 *   const claim = await kit.replies.claim(queries, { caller: 'ann', key, request: 'POST /teams {"name":"ops"}' })
 *   if (claim.state !== 'mine') return claim
 *   const team = await kit.within(queries as Transaction<Schema>).groups.add({ name: 'ops' })
 *   await kit.replies.keep(queries, claim, JSON.stringify(team))
 * })
 * ```
 */
export interface Replies {
  /**
   * Asks for the right to carry a call out, in the caller's transaction. Promises: of those who ask for the same, one at a time
   * has it; who asks while another's transaction with it is open, waits for its end.
   */
  claim(queries: Queries, call: KeyedCall): Promise<Claim>
  /** Keeps the answer, if none is kept yet, and answers the one that is. */
  keep(queries: Queries, claim: Claimed, reply: string): Promise<string>
  /** Puts another answer in the place of the one that was kept by this claim: what was accepted then is done now. */
  replace(claim: Claimed, reply: string): Promise<void>
  /** Keeps a claim from running out, until the function that comes back is called. */
  hold(claim: Claimed): () => void
  /** Lets go of a claim: nothing was done, and the same call may ask again at once. */
  release(claim: Claimed): Promise<void>
}

export interface KeyedCall {
  /** Whoever keys belong to: the same key of another caller is another key. */
  readonly caller: string
  readonly key: string
  /** All that tells this request from another one. */
  readonly request: string
}

export interface Claimed {
  readonly state: 'mine'
  readonly id: string
  readonly holder: string
  /** The `key` for services, the same however often the call is carried out. */
  readonly operationKey: string
}

export type Claim =
  | Claimed
  | { readonly state: 'replied'; readonly reply: string }
  /** Another process is at it, or died at it a moment ago. */
  | { readonly state: 'under-way'; readonly retryAfterMs: number }
  /** The key stands for another request. */
  | { readonly state: 'other-request' }
