import type { ConsumeOptions, Consumer, Delivery, EngineOptions, QueueEngine, QueueMessage } from '../queue-engine.ts'
import { AmqpConsumer } from './amqp-consumer.ts'
import { type AmqpChannel, type AmqpConnection, declareQueue, delayQueue } from './amqp-topology.ts'
import { unlessAborted } from './unless-aborted.ts'

export type { AmqpChannel, AmqpConnection, AmqpMessage } from './amqp-topology.ts'

export interface AmqpOptions extends EngineOptions {
  /** Of queues that are made here. `quorum` is kept by several brokers and knows how often a message was told; default. */
  readonly queueType?: 'quorum' | 'classic'
  /** After so many deliveries that were not answered, since whoever took it died, a quorum queue gives a message to the dead. Default 20. */
  readonly deliveryLimit?: number
}

/**
 * An engine on AMQP 0-9-1, such as RabbitMQ, by a connection of `amqplib`.
 *
 * Each queue `q` is durable, and bound to a durable topic exchange `q`, to which is published with the message's type as routing key: who
 * wants a copy binds a queue of its own. What kills those who take it goes to `q.dead`; what is delayed waits in `q.wait.<ms>`.
 *
 * Promises: what `QueueEngine` promises; each message is confirmed by the broker. The connection must recover by itself.
 *
 * @example
 * ```ts
 * const connection = await amqplib.connect('amqp://…', { recovery: true })
 * const engine = amqpEngine(connection)
 * ```
 */
export function amqpEngine(connection: AmqpConnection, options: AmqpOptions = {}): QueueEngine {
  return new AmqpEngine(connection, options)
}

class AmqpEngine implements QueueEngine {
  readonly name = 'amqp'
  readonly #connection: AmqpConnection
  readonly #options: AmqpOptions
  readonly #closing = new AbortController()
  #channel: Promise<AmqpChannel> | undefined
  readonly #declared = new Set<string>()
  readonly #consumers = new Set<AmqpConsumer>()

  constructor(connection: AmqpConnection, options: AmqpOptions) {
    this.#connection = connection
    this.#options = options
    // An error that nobody listens to would end the process, and with it the recovery.
    connection.on('error', (error) => options.onError?.(error))
  }

  async send(
    queue: string,
    messages: readonly QueueMessage[],
    { delayMs = 0, signal }: { delayMs?: number; signal?: AbortSignal } = {},
  ): Promise<void> {
    if (messages.length === 0) return
    const ending = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    await unlessAborted(this.#publish(queue, messages, delayMs), ending)
  }

  async #publish(queue: string, messages: readonly QueueMessage[], delayMs: number): Promise<void> {
    const channel = await this.#open()
    if (!this.#declared.has(queue)) await declareQueue(channel, queue, this.#options)
    this.#declared.add(queue)
    const waiting = delayMs > 0 ? await delayQueue(channel, queue, delayMs) : undefined
    await Promise.all(
      messages.map(
        ({ id, type, contentType, body }) =>
          new Promise<void>((resolve, reject) => {
            const properties = {
              persistent: true,
              messageId: id,
              type,
              contentType,
              timestamp: Math.floor(Date.now() / 1000),
            }
            const confirmed = (error: unknown): void => (error ? reject(error as Error) : resolve())
            const [exchange, key] = waiting === undefined ? [queue, type] : ['', waiting]
            channel.publish(exchange, key, Buffer.from(JSON.stringify(body)), properties, confirmed)
          }),
      ),
    )
  }

  /** One channel for all that is sent, so that it comes in order; another one when it has closed. */
  #open(): Promise<AmqpChannel> {
    if (this.#channel) return this.#channel
    const opening = this.#connection.createConfirmChannel().then((channel) => {
      const forget = (): void => {
        if (this.#channel === opening) this.#channel = undefined
        this.#declared.clear()
      }
      channel.on('close', forget)
      channel.on('error', (error) => {
        forget()
        this.#options.onError?.(error)
      })
      return channel
    })
    this.#channel = opening
    opening.catch(() => {
      if (this.#channel === opening) this.#channel = undefined
    })
    return opening
  }

  async consume(
    queue: string,
    take: (delivery: Delivery) => Promise<void>,
    options: ConsumeOptions = {},
  ): Promise<Consumer> {
    const concurrency = options.concurrency ?? 1
    const consumer = new AmqpConsumer(this.#connection, { ...this.#options, queue, take, concurrency })
    this.#consumers.add(consumer)
    return consumer
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the queue engine was closed'))
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()))
    const channel = this.#channel
    this.#channel = undefined
    // A broker that is not there has nothing to be told, and is not waited for.
    if (channel) void channel.then((open) => open.close()).catch(() => {})
  }
}
