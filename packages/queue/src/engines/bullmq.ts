import type { ConsumeOptions, Consumer, Delivery, EngineOptions, QueueEngine, QueueMessage } from '../queue-engine.ts'
import { unlessAborted } from './unless-aborted.ts'

/** The slices of BullMQ's `Queue` and `Worker` that are used, and where its Redis is; the host brings all three. */
export interface BullmqClient {
  readonly Queue: new (name: string, options: BullmqQueueOptions) => BullmqQueue
  readonly Worker: new (
    name: string,
    process: (job: { readonly data: unknown }) => Promise<void>,
    options: BullmqWorkerOptions,
  ) => BullmqWorker
  /** As BullMQ takes it: `{ host, port }`, `{ url }`. The Redis must not evict (`maxmemory-policy noeviction`). */
  readonly connection: object
}

export interface BullmqQueueOptions {
  readonly connection: object
  readonly defaultJobOptions: {
    readonly removeOnComplete: boolean
    readonly attempts: number
    readonly backoff: { readonly type: 'fixed'; readonly delay: number }
  }
}

export interface BullmqWorkerOptions {
  readonly connection: object
  readonly concurrency: number
  readonly lockDuration: number
  readonly stalledInterval: number
  readonly maxStalledCount: number
}

export interface BullmqQueue {
  addBulk(jobs: { name: string; data: object; opts?: { delay?: number } }[]): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
  close(): Promise<void>
}

export interface BullmqWorker {
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'failed', listener: (job: BullmqJob | undefined, error: Error) => void): unknown
  close(force?: boolean): Promise<void>
}

export interface BullmqJob {
  readonly data: unknown
  isFailed(): Promise<boolean>
}

export interface BullmqOptions extends EngineOptions {
  /** After so long without a sign of life another worker takes a message over, in milliseconds. Default 30,000. */
  readonly lockMs?: number
}

/**
 * An engine on BullMQ, in a Redis that is there already.
 *
 * Promises: what `QueueEngine` promises, as far as the Redis keeps what it is told (`appendonly yes`, `appendfsync always`). What kills those
 * who take it twenty times stays in BullMQ's own set of failed jobs.
 *
 * @example
 * ```ts
 * import { Queue, Worker } from 'bullmq'
 * const engine = bullmqEngine({ Queue, Worker, connection: { host: '127.0.0.1', port: 6379 } })
 * ```
 */
export function bullmqEngine(client: BullmqClient, options: BullmqOptions = {}): QueueEngine {
  return new BullmqEngine(client, options)
}

const attempts = 20
const defaultJobOptions = { removeOnComplete: true, attempts, backoff: { type: 'fixed' as const, delay: 1000 } }

class BullmqEngine implements QueueEngine {
  readonly name = 'bullmq'
  readonly #client: BullmqClient
  readonly #options: BullmqOptions
  readonly #queues = new Map<string, BullmqQueue>()
  readonly #closers = new Set<() => Promise<void>>()

  constructor(client: BullmqClient, options: BullmqOptions) {
    this.#client = client
    this.#options = options
  }

  async send(
    queue: string,
    messages: readonly QueueMessage[],
    { delayMs = 0, signal }: { delayMs?: number; signal?: AbortSignal } = {},
  ): Promise<void> {
    if (messages.length === 0) return
    signal?.throwIfAborted()
    const opts = delayMs > 0 ? { opts: { delay: delayMs } } : {}
    const jobs = messages.map(({ type, body }) => ({ name: type, data: body, ...opts }))
    await unlessAborted(this.#queue(queue).addBulk(jobs), signal)
  }

  async consume(
    queue: string,
    take: (delivery: Delivery) => Promise<void>,
    { concurrency = 1 }: ConsumeOptions = {},
  ): Promise<Consumer> {
    const lockDuration = this.#options.lockMs ?? 30_000
    const worker = new this.#client.Worker(bullName(queue), ({ data }) => take({ body: data }), {
      connection: this.#client.connection,
      concurrency,
      lockDuration,
      stalledInterval: lockDuration,
      maxStalledCount: attempts,
    })
    worker.on('error', (error) => this.#options.onError?.(error))
    worker.on('failed', (_, error) => this.#options.onError?.(error))
    const close = (): Promise<void> => worker.close()
    this.#closers.add(close)
    return { close, [Symbol.asyncDispose]: close }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#closers].map((close) => close()))
    const queues = [...this.#queues.values()]
    this.#queues.clear()
    await Promise.all(queues.map((queue) => queue.close()))
  }

  #queue(name: string): BullmqQueue {
    const known = this.#queues.get(name)
    if (known) return known
    const queue = new this.#client.Queue(bullName(name), { connection: this.#client.connection, defaultJobOptions })
    queue.on('error', (error) => this.#options.onError?.(error))
    this.#queues.set(name, queue)
    return queue
  }
}

/** Redis keys of BullMQ are parted by colons, so its names have none. */
const bullName = (queue: string): string => queue.replaceAll(':', '-')
