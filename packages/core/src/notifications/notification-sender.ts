import { type Clock, type NotificationChannel, type VirtkitError, isVirtkitError, toVirtkitError } from '@virtkit/spi'
import { toDatabaseError } from '../database/database-errors.ts'
import type { Database } from '../database/database.ts'
import { type Log, noLog } from '../logs/logs.ts'
import { type Delivery, NotificationStore } from './notification-store.ts'

export interface NotificationSenderOptions {
  /** Told of what keeps the sender from its work; a server that does not answer is no such thing. */
  readonly onError: (error: VirtkitError) => void
  /** How often to look, in milliseconds. Default 1000. */
  readonly pollMs?: number
  /** What comes so soon after the last message of a filter is told together, in milliseconds. Default one minute. */
  readonly digestMs?: number
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
  readonly #database: Database
  readonly #channels: readonly NotificationChannel[]
  readonly #clock: Clock
  readonly #ids: () => string
  readonly #options: NotificationSenderOptions
  readonly #log: Log
  readonly #store: NotificationStore
  readonly #closing = new AbortController()
  #running: Promise<void> | undefined
  #tidiedAt = 0

  constructor(
    database: Database,
    channels: readonly NotificationChannel[],
    clock: Clock,
    ids: () => string,
    options: NotificationSenderOptions,
    log: Log = noLog,
  ) {
    this.#database = database
    this.#channels = channels
    this.#clock = clock
    this.#ids = ids
    this.#options = options
    this.#log = log
    this.#store = new NotificationStore(database)
  }

  /** Begins to look for notices. Promises: again, no effect. */
  start(): void {
    if (!this.#closing.signal.aborted) this.#running ??= this.#run()
  }

  /** Breaks off what is under way; the next sender sends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  /** One round: gathers what waits and attempts what is due. Answers how many messages it attempted. */
  async sendDue(): Promise<number> {
    const now = this.#clock.now()
    for (const filter of await this.#store.ripe(now, this.#options.digestMs ?? 60_000, batch)) {
      await this.#store.gather(filter, this.#ids(), now)
    }
    const due = await this.#store.due(now, batch)
    const results = await Promise.allSettled(due.map((delivery) => this.#attempt(delivery)))
    const broken = results.find((result) => result.status === 'rejected')
    if (broken) throw broken.reason
    return results.filter((result) => result.status === 'fulfilled' && result.value).length
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const attempted = await this.#round().catch((error: unknown) => {
        this.#options.onError(toVirtkitError(toDatabaseError(this.#database.engine, error)))
        return 0
      })
      if (attempted > 0) continue
      // Rejects only when we close.
      await this.#clock.sleep(this.#options.pollMs ?? 1000, this.#closing.signal).catch(() => {})
    }
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
    else if (this.#closing.signal.aborted) await this.#store.release(claimed, now)
    else if ('refused' in result) await this.#store.refused(claimed, clipped(result.refused), now)
    else await this.#store.failed(claimed, clipped(result.failed), now)
    return true
  }

  async #send(claimed: Delivery & { readonly user: number }): ReturnType<NotificationChannel['send']> {
    const channel = this.#channels.find(({ type }) => type === claimed.type)
    // Perhaps another process, or the next start of this one, has it.
    if (!channel) return { failed: `There is no channel ${claimed.type} in this process.` }
    const { id, recipient: to, user, severity, title, text, createdAt: at } = claimed
    const notices = await this.#store.noticesOf(claimed)
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(attemptMs)])
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
