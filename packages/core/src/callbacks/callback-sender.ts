import { type Clock, type Secret, toVirtkitError } from '@virtkit/spi'
import type { Keyring } from '../access/keyring.ts'
import type { Database } from '../database/database.ts'
import { type Log, noLog } from '../logs/logs.ts'
import { type Delivery, DeliveryStore } from './delivery-store.ts'
import { Rounds, type RoundsOptions, attemptEach } from './rounds.ts'
import { signedHeaders } from './signature.ts'
import { secretContext } from './sql-callbacks.ts'

/** A receiver that does not answer keeps nobody from work: `onError` is not told of it. */
export interface CallbackSenderOptions extends RoundsOptions {
  /** How long a receiver may take, in milliseconds. Default 10 seconds. */
  readonly timeoutMs?: number
}

const batch = 16
/** Longer than any attempt takes. */
const claimMs = 60_000

/**
 * Delivers callbacks: at least once, those of one callback about one subject in order, retried until accepted or given up. Any
 * number of senders may work on one database. Any 2xx answer accepts; redirects are not followed.
 */
export class CallbackSender implements AsyncDisposable {
  readonly #keyring: Keyring
  readonly #clock: Clock
  readonly #options: CallbackSenderOptions
  readonly #store: DeliveryStore
  readonly #log: Log
  readonly #rounds: Rounds

  constructor(database: Database, keyring: Keyring, clock: Clock, options: CallbackSenderOptions, log: Log = noLog) {
    this.#keyring = keyring
    this.#clock = clock
    this.#options = options
    this.#log = log
    this.#store = new DeliveryStore(database)
    this.#rounds = new Rounds(database, clock, options, () => this.sendDue())
  }

  /** Begins to look for deliveries. Promises: again, no effect. */
  start(): void {
    this.#rounds.start()
  }

  /** Breaks off what is under way; it is delivered by the next sender. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#rounds[Symbol.asyncDispose]()
  }

  /** One round: attempts what is due. Answers how many deliveries it attempted. */
  async sendDue(): Promise<number> {
    const due = await this.#store.due(this.#clock.now(), batch)
    return attemptEach(due, (delivery) => this.#attempt(delivery))
  }

  async #attempt(delivery: Delivery): Promise<boolean> {
    const claimed = await this.#store.claim(delivery, this.#clock.now() + claimMs)
    if (!claimed) return false
    const accepted = await this.#clock.during(() => this.#post(claimed))
    const { id, callbackKey, subject, url, attempts } = claimed
    const about = { delivery: id, callback: callbackKey, subject, url, attempt: attempts }
    if (accepted) this.#log.write('notification', 'info', 'callback delivered', about)
    else this.#log.write('notification', 'warning', 'callback not delivered', about)
    const now = this.#clock.now()
    if (accepted) await this.#store.delivered(claimed)
    else if (this.#rounds.closing.aborted) await this.#store.release(claimed, now)
    else await this.#store.failed(claimed, now)
    return true
  }

  async #post(delivery: Delivery): Promise<boolean> {
    const { id, body, url } = delivery
    const secret = await this.#secretOf(delivery)
    if (!secret) return false
    try {
      const response = await fetch(url, {
        method: 'POST',
        body,
        // Without keep-alive no socket outlives the sender.
        headers: {
          'content-type': 'application/json',
          connection: 'close',
          ...signedHeaders({ id, body, at: this.#clock.now() }, secret),
        },
        redirect: 'manual',
        signal: AbortSignal.any([this.#rounds.closing, AbortSignal.timeout(this.#options.timeoutMs ?? 10_000)]),
      })
      await response.body?.cancel()
      return response.ok
    } catch {
      return false
    }
  }

  async #secretOf(delivery: Delivery): Promise<Secret | undefined> {
    const sealed = await this.#store.secretOf(delivery)
    try {
      return sealed === undefined ? undefined : this.#keyring.open(sealed, secretContext(delivery.callbackKey))
    } catch (error) {
      this.#options.onError(toVirtkitError(error))
      return undefined
    }
  }
}
