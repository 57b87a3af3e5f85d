import { createHmac } from 'node:crypto'
import { type Clock, Secret } from '@virtkit/spi'
import type { Keyring } from '../access/keyring.ts'
import type { Database, Queries } from '../database/database.ts'
import { replyContext } from './reply-seal.ts'
import type { Claim, Claimed, KeyedCall, Replies } from './replies.ts'

const keptMs = 24 * 3_600_000
const leaseMs = 30_000
const pruneEveryMs = 60_000
const prunedAtOnce = 500

/** Answers in the database, sealed. */
export class SqlReplies implements Replies {
  readonly #database: Database
  readonly #keyring: Keyring
  readonly #clock: Clock
  readonly #ids: () => string
  #prunedAt = 0

  constructor(database: Database, keyring: Keyring, clock: Clock, ids: () => string) {
    this.#database = database
    this.#keyring = keyring
    this.#clock = clock
    this.#ids = ids
  }

  async claim(queries: Queries, call: KeyedCall): Promise<Claim> {
    void this.#prune()
    const id = this.#hash([call.caller, call.key])
    const fingerprint = this.#hash([id, call.request])
    const now = this.#clock.now()
    const mine = { holder: this.#ids(), leasedUntil: now + leaseMs }
    await queries
      .deleteFrom('replies')
      .where('id', '=', id)
      .where('createdAt', '<=', now - keptMs)
      .execute()
    const fresh = await queries
      .insertInto('replies')
      .values({ id, fingerprint, operationKey: this.#ids(), ...mine, reply: null, createdAt: now })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('operationKey')
      .executeTakeFirst()
    if (fresh) return { state: 'mine', id, holder: mine.holder, operationKey: fresh.operationKey }
    const known = await queries.selectFrom('replies').selectAll().where('id', '=', id).executeTakeFirst()
    if (!known) return this.claim(queries, call)
    if (known.fingerprint !== fingerprint) return { state: 'other-request' }
    if (known.reply !== null) return { state: 'replied', reply: this.#open(id, known.reply) }
    if (known.leasedUntil > now) return { state: 'under-way', retryAfterMs: known.leasedUntil - now }
    const taken = await queries
      .updateTable('replies')
      .set(mine)
      .where('id', '=', id)
      .where('holder', '=', known.holder)
      .where('leasedUntil', '=', known.leasedUntil)
      .where('reply', 'is', null)
      .executeTakeFirst()
    if (taken.numUpdatedRows !== 1n) return this.claim(queries, call)
    return { state: 'mine', id, holder: mine.holder, operationKey: known.operationKey }
  }

  async keep(queries: Queries, { id, holder }: Claimed, reply: string): Promise<string> {
    await queries
      .updateTable('replies')
      .set({ reply: this.#keyring.seal(new Secret(reply), replyContext(id)) })
      .where('id', '=', id)
      .where('holder', '=', holder)
      .where('reply', 'is', null)
      .execute()
    const row = await queries.selectFrom('replies').select('reply').where('id', '=', id).executeTakeFirst()
    // Of a claim that ran out and that another one holds, the answer is still to come: then this one is true as well.
    return row?.reply ? this.#open(id, row.reply) : reply
  }

  async replace({ id, holder }: Claimed, reply: string): Promise<void> {
    await this.#database.queries
      .updateTable('replies')
      .set({ reply: this.#keyring.seal(new Secret(reply), replyContext(id)) })
      .where('id', '=', id)
      .where('holder', '=', holder)
      .execute()
  }

  hold(claim: Claimed): () => void {
    const renew = (): void => void this.#lease(claim, this.#clock.now() + leaseMs).catch(() => {})
    const timer = setInterval(renew, leaseMs / 3)
    timer.unref()
    return () => clearInterval(timer)
  }

  release(claim: Claimed): Promise<void> {
    return this.#lease(claim, 0)
  }

  async #lease({ id, holder }: Claimed, leasedUntil: number): Promise<void> {
    await this.#database.queries
      .updateTable('replies')
      .set({ leasedUntil })
      .where('id', '=', id)
      .where('holder', '=', holder)
      .execute()
  }

  /** On the side, on use: nobody waits for it, and what fails is done the next time. */
  async #prune(): Promise<void> {
    const now = this.#clock.now()
    if (this.#database.isLent || now - this.#prunedAt < pruneEveryMs) return
    this.#prunedAt = now
    const { queries } = this.#database
    const old = queries
      .selectFrom('replies')
      .select('id')
      .where('createdAt', '<=', now - keptMs)
      .limit(prunedAtOnce)
    await queries
      .deleteFrom('replies')
      .where('id', 'in', old)
      .execute()
      .catch(() => {})
  }

  #hash(parts: readonly string[]): string {
    const key = this.#keyring.derive('replies').reveal()
    return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url')
  }

  #open(id: string, sealed: string): string {
    return this.#keyring.open(sealed, replyContext(id)).reveal()
  }
}
