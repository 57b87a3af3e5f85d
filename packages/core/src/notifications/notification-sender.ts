import { type Clock, type NotificationChannel, isVirtkitError } from '@virtkit/spi'
import { Rounds, type RoundsOptions, attemptEach } from '../callbacks/rounds.ts'
import type { Database } from '../database/database.ts'
import { type Log, noLog } from '../logs/logs.ts'
import { type Delivery, NotificationStore } from './notification-store.ts'

/** A server that does not answer keeps nobody from work: `onError` is not told of it. */
export interface NotificationSenderOptions extends RoundsOptions {
  /** What comes so soon after the last message of a filter is told together, in milliseconds. Default one minute. */
  readonly digestMs?: number
  /** For pauses of different lengths: 0 up to, not including, 1. */
  readonly random: () => number
}

const batch = 16
/** For one attempt, all of it. */
const attemptMs = 60_000
/** Longer than any attempt takes. */
const claimMs = 2 * attemptMs
const hour = 3_600_000
const keptMs = 30 * 24 * hour

/**
 * Tells what waits to be told: at least once, retried until taken over, refused or given up. Any number of senders may work on one
 * database; each message is gathered and sent by one of them. Killed between sending and marking, another sends the same message
 * with the same id again.
 */
export class NotificationSender implements AsyncDisposable {
  readonly #channels: readonly NotificationChannel[]
  readonly #clock: Clock
  readonly #ids: () => string
  readonly #options: NotificationSenderOptions
  readonly #log: Log
  readonly #store: NotificationStore
  readonly #rounds: Rounds
  #tidiedAt = 0

  constructor(
    database: Database,
    channels: readonly NotificationChannel[],
    clock: Clock,
    ids: () => string,
    options: NotificationSenderOptions,
    log: Log = noLog,
  ) {
    this.#channels = channels
    this.#clock = clock
    this.#ids = ids
    this.#options = options
    this.#log = log
    this.#store = new NotificationStore(database)
    this.#rounds = new Rounds(database, clock, options, () => this.#round())
  }

  /** Begins to look for notices. Promises: again, no effect. */
  start(): void {
    this.#rounds.start()
  }

  /** Breaks off what is under way; the next sender sends it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#rounds[Symbol.asyncDispose]()
  }

  /** One round: gathers what waits and attempts what is due. Answers how many messages it attempted. */
  async sendDue(): Promise<number> {
    const now = this.#clock.now()
    for (const filter of await this.#store.ripe(now, this.#options.digestMs ?? 60_000, batch)) {
      await this.#store.gather(filter, this.#ids(), now)
    }
    const due = await this.#store.due(now, batch)
    return attemptEach(due, (delivery) => this.#attempt(delivery))
  }

  async #round(): Promise<number> {
    const now = this.#clock.now()
    if (now >= this.#tidiedAt + hour) {
      this.#tidiedAt = now
      await this.#store.forget(now - keptMs)
    }
    return this.sendDue()
  }

  async #attempt(delivery: Delivery & { readonly user: number }): Promise<boolean> {
    const claimed = await this.#store.claim(delivery, this.#clock.now() + claimMs)
    if (!claimed) return false
    const result = await this.#clock.during(() => this.#send(claimed))
    // Not why: that may be in a receiver's own words.
    const { id, type, user, attempts } = claimed
    const about = { delivery: id, kind: type, userKey: user, attempt: attempts }
    if (!result) this.#log.write('notification', 'info', 'message sent', about)
    else this.#log.write('notification', 'warning', 'message not sent', about)
    const now = this.#clock.now()
    if (!result) await this.#store.delivered(claimed, now)
    else if (this.#rounds.closing.aborted) await this.#store.release(claimed, now)
    else if ('refused' in result) await this.#store.refused(claimed, clipped(result.refused), now)
    else await this.#store.failed(claimed, clipped(result.failed), now, this.#options.random())
    return true
  }

  async #send(claimed: Delivery & { readonly user: number }): ReturnType<NotificationChannel['send']> {
    const channel = this.#channels.find(({ type }) => type === claimed.type)
    // Perhaps another process, or the next start of this one, has it.
    if (!channel) return { failed: `There is no channel ${claimed.type} in this process.` }
    const { id, recipient: to, user, severity, title, text, createdAt: at } = claimed
    const notices = await this.#store.noticesOf(claimed)
    const signal = AbortSignal.any([this.#rounds.closing, AbortSignal.timeout(attemptMs)])
    try {
      return await channel.send({ id, to, user, severity, title, text, notices, at }, signal)
    } catch (error) {
      return { failed: isVirtkitError(error) ? error.message : `The channel ${claimed.type} failed.` }
    }
  }
}

function clipped(reason: string): string {
  return reason.slice(0, 500)
}
