import { type Clock, type Secret, toVirtkitError } from '@virtkit/spi'
import type { Keyring } from '../access/keyring.ts'
import { toDatabaseError } from '../database/database-errors.ts'
import type { Database } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { type Log, noLog } from '../logs/logs.ts'
import { signingSecrets } from './callback-secrets.ts'
import { type Delivery, DeliveryStore } from './delivery-store.ts'
import type { Receivers, Told } from './receivers.ts'
import { Rounds, type RoundsOptions, attemptEach } from './rounds.ts'
import { signedHeaders } from './signature.ts'

export interface CallbackSenderParts {
  readonly database: Database
  readonly keyring: Keyring
  readonly clock: Clock
  readonly events: Events
  readonly receivers: Receivers
  readonly random: () => number
  readonly log?: Log
}

/** Of each callback, side by side. */
const batch = 16
const hour = 3_600_000

/**
 * Delivers callbacks: at least once, those of one callback about one subject in order, retried until accepted or given up. Any
 * number of senders may work on one database. A receiver that does not answer keeps nobody from work: `onError` is not told of it.
 */
export class CallbackSender implements AsyncDisposable {
  readonly #parts: CallbackSenderParts
  readonly #options: RoundsOptions
  readonly #store: DeliveryStore
  readonly #log: Log
  readonly #rounds: Rounds
  readonly #lanes = new Map<number, Promise<void>>()
  #tidiedAt = 0

  constructor(parts: CallbackSenderParts, options: RoundsOptions) {
    const { database, clock, events, log = noLog } = parts
    this.#parts = parts
    this.#options = options
    this.#log = log
    this.#store = new DeliveryStore(database, events)
    this.#rounds = new Rounds(database, clock, options, () => this.#round())
  }

  /** Begins to look for deliveries. Promises: again, no effect. */
  start(): void {
    this.#rounds.start()
  }

  /** Breaks off what is under way; it is delivered by the next sender. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rounds[Symbol.asyncDispose]()
    await Promise.all(this.#lanes.values())
  }

  /** One round: attempts what is due. Answers how many deliveries it attempted. */
  async sendDue(): Promise<number> {
    const callbacks = await this.#store.callbacksDue(this.#parts.clock.now())
    const counts = await Promise.all(callbacks.map((callback) => this.#sendDueOf(callback)))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async #round(): Promise<number> {
    const now = this.#parts.clock.now()
    if (now >= this.#tidiedAt + hour) {
      this.#tidiedAt = now
      await this.#store.tidy(now)
    }
    for (const callback of await this.#store.callbacksDue(now)) {
      if (this.#lanes.has(callback)) continue
      this.#lanes.set(callback, this.#lane(callback))
    }
    return 0
  }

  /** Goes on while a callback has something due. Lanes do not wait for each other: one slow receiver holds up only its own. */
  async #lane(callback: number): Promise<void> {
    try {
      while (!this.#rounds.closing.aborted && (await this.#sendDueOf(callback)) > 0);
    } catch (error) {
      this.#options.onError(toVirtkitError(toDatabaseError(this.#parts.database.engine, error)))
    } finally {
      this.#lanes.delete(callback)
    }
  }

  async #sendDueOf(callback: number): Promise<number> {
    const due = await this.#store.due(callback, this.#parts.clock.now(), batch)
    return attemptEach(due, (delivery) => this.#attempt(delivery))
  }

  async #attempt(delivery: Delivery): Promise<boolean> {
    const { clock, random, receivers } = this.#parts
    // Longer than any attempt takes.
    const claimed = await this.#store.claim(delivery, clock.now() + 3 * receivers.timeoutMs)
    if (!claimed) return false
    const told = await clock.during(() => this.#post(claimed))
    const { id, callbackKey, subject, url, attempts } = claimed
    const about = { delivery: id, callback: callbackKey, subject, url, attempt: attempts }
    if (told.isAccepted) this.#log.write('notification', 'info', 'callback delivered', about)
    else this.#log.write('notification', 'warning', 'callback not delivered', { ...about, reason: told.problem })
    const now = clock.now()
    if (told.isAccepted) await this.#store.delivered(claimed, now)
    else if (this.#rounds.closing.aborted) await this.#store.release(claimed, now)
    else await this.#store.failed(claimed, told, now, random())
    return true
  }

  async #post(delivery: Delivery): Promise<Told> {
    const { id, body, url } = delivery
    const at = this.#parts.clock.now()
    const secrets = await this.#secretsOf(delivery, at)
    if (!secrets) return { isAccepted: false, problem: 'The signing secret could not be opened.' }
    const headers = signedHeaders({ id, body, at }, ...secrets)
    return this.#parts.receivers.post(url, body, headers, this.#rounds.closing)
  }

  async #secretsOf(delivery: Delivery, now: number): Promise<[Secret, ...Secret[]] | undefined> {
    const sealed = await this.#store.secretsOf(delivery)
    try {
      return sealed && signingSecrets(this.#parts.keyring, sealed, now)
    } catch (error) {
      this.#options.onError(toVirtkitError(error))
      return undefined
    }
  }
}
