import type {
  ConsumeOptions,
  Consumer,
  Delivery,
  EngineOptions,
  QueueEngine,
  QueueMessage,
  SendOptions,
} from '../queue-engine.ts'
import { unlessAborted } from './unless-aborted.ts'

/** The slice of a `PgBoss` that is used. The host makes it, starts it, listens to its `error`, and stops it. */
export interface PgBossClient {
  createQueue(name: string, options?: PgBossQueue): Promise<void>
  insert(name: string, jobs: { data: object; startAfter?: Date }[], options?: { db?: PgBossTransaction }): Promise<unknown>
  work(
    name: string,
    options: { batchSize: number; localConcurrency: number; pollingIntervalSeconds: number; burstWhenBatchFull: boolean },
    handler: (jobs: { readonly data: unknown }[]) => Promise<void>,
  ): Promise<string>
  offWork(name: string, options: { id: string; wait: boolean }): Promise<void>
}

/**
 * A transaction of the host's, as pg-boss is told of it.
 *
 * @example
 * ```ts
 * const transaction = { executeSql: (text, values) => client.query(text, values) } // of a `pg` client, between begin and commit
 * ```
 */
export interface PgBossTransaction {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
}

export interface PgBossQueueEngine extends QueueEngine {
  /**
   * The same engine in a transaction of the host's, in the PostgreSQL that pg-boss lives in. Promises: what is sent there is there with the
   * commit, for nobody before it, and never after a rollback; what is sent in one transaction is told in any order.
   *
   * @example
   * ```ts
   * const sender = commandSender(engine.within(transaction), { to: 'virtkit.commands' })
   * ```
   */
  within(transaction: PgBossTransaction): Pick<QueueEngine, 'send'>
}

export interface PgBossQueue {
  readonly expireInSeconds: number
  readonly retryLimit: number
  readonly retryDelay: number
  readonly deadLetter?: string
}

export interface PgBossOptions extends EngineOptions {
  /** How often to look for messages, in milliseconds, at least 500. Default 500. */
  readonly pollMs?: number
  /** After so long a message counts as not done, since whoever took it died, in seconds. Default 60. */
  readonly expireInSeconds?: number
}

/**
 * An engine on pg-boss, in a PostgreSQL that is there already; it may be the kit's own.
 *
 * Promises: what `QueueEngine` promises. What kills those who take it twenty times goes to `<queue>.dead`. A message whose process died is
 * told again when it has expired and pg-boss has looked (`monitorIntervalSeconds` of the host's `PgBoss`, a minute unless it says other).
 *
 * @example
 * ```ts
 * const boss = new PgBoss('postgres://…')
 * boss.on('error', console.error)
 * await boss.start()
 * const engine = pgBossEngine(boss)
 * ```
 */
export function pgBossEngine(boss: PgBossClient, options: PgBossOptions = {}): PgBossQueueEngine {
  return new PgBossEngine(boss, options)
}

const retryLimit = 20

class PgBossEngine implements PgBossQueueEngine {
  readonly name = 'pg-boss'
  readonly #boss: PgBossClient
  readonly #options: PgBossOptions
  readonly #made = new Set<string>()
  readonly #closers = new Set<() => Promise<void>>()

  constructor(boss: PgBossClient, options: PgBossOptions) {
    this.#boss = boss
    this.#options = options
  }

  send(queue: string, messages: readonly QueueMessage[], options?: SendOptions): Promise<void> {
    return this.#send(queue, messages, options)
  }

  within(transaction: PgBossTransaction): Pick<QueueEngine, 'send'> {
    return { send: (queue, messages, options) => this.#send(queue, messages, options, { db: transaction }) }
  }

  async #send(
    queue: string,
    messages: readonly QueueMessage[],
    { delayMs = 0, signal }: SendOptions = {},
    where?: { readonly db: PgBossTransaction },
  ): Promise<void> {
    if (messages.length === 0) return
    signal?.throwIfAborted()
    const startAfter = delayMs > 0 ? { startAfter: new Date(Date.now() + delayMs) } : {}
    await unlessAborted(this.#make(queue), signal)
    // One after the other: pg-boss tells by the time of the statement, and those of one statement in any order.
    for (const { body } of messages) {
      await unlessAborted(this.#boss.insert(queue, [{ data: body, ...startAfter }], where), signal)
    }
  }

  async consume(
    queue: string,
    take: (delivery: Delivery) => Promise<void>,
    { concurrency = 1 }: ConsumeOptions = {},
  ): Promise<Consumer> {
    await this.#make(queue)
    const pollMs = Math.max(500, this.#options.pollMs ?? 500)
    const options = {
      batchSize: 1,
      localConcurrency: concurrency,
      pollingIntervalSeconds: pollMs / 1000,
      burstWhenBatchFull: true,
    }
    const id = await this.#boss.work(queue, options, async (jobs) => {
      for (const { data } of jobs) await take({ body: data })
    })
    let closing: Promise<void> | undefined
    const close = (): Promise<void> => (closing ??= this.#boss.offWork(queue, { id, wait: true }))
    this.#closers.add(close)
    return { close, [Symbol.asyncDispose]: close }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#closers].map((close) => close()))
  }

  async #make(queue: string): Promise<void> {
    if (this.#made.has(queue)) return
    const dead = `${queue}.dead`
    const options = { expireInSeconds: this.#options.expireInSeconds ?? 60, retryLimit, retryDelay: 1 }
    if (!queue.endsWith('.dead')) await this.#boss.createQueue(dead, options)
    await this.#boss.createQueue(queue, queue.endsWith('.dead') ? options : { ...options, deadLetter: dead })
    this.#made.add(queue)
  }
}
