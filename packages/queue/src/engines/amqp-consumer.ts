import type { Consumer, Delivery } from '../queue-engine.ts'
import { type AmqpChannel, type AmqpConnection, type AmqpMessage, declareQueue } from './amqp-topology.ts'
import { backOff } from './back-off.ts'

export interface AmqpConsumption {
  readonly queue: string
  readonly take: (delivery: Delivery) => Promise<void>
  readonly concurrency: number
  readonly queueType?: 'quorum' | 'classic'
  readonly deliveryLimit?: number
  readonly onError?: (error: unknown) => void
}

/** Consumes on a channel of its own, and on another one when that has closed, until it is closed itself. */
export class AmqpConsumer implements Consumer {
  readonly #connection: AmqpConnection
  readonly #asked: AmqpConsumption
  readonly #closing = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  readonly #going: Promise<void>

  constructor(connection: AmqpConnection, asked: AmqpConsumption) {
    this.#connection = connection
    this.#asked = asked
    this.#going = this.#goOn()
  }

  async #goOn(): Promise<void> {
    for (let failures = 1; !this.#closing.signal.aborted; failures += 1) {
      try {
        if (await this.#consumeOnce()) failures = 0
      } catch (error) {
        this.#asked.onError?.(error)
      }
      if (!this.#closing.signal.aborted) await backOff(failures + 1, this.#closing.signal)
    }
  }

  /** Until the channel closes, or we do. Answers whether it was consumed at all. */
  async #consumeOnce(): Promise<boolean> {
    const { queue, concurrency, onError } = this.#asked
    // A broker that is not there makes us wait here, for as long as it takes; not for our own end.
    const channel = await Promise.race([this.#connection.createConfirmChannel(), aborted(this.#closing.signal)])
    if (!channel) return false
    const { promise: closed, resolve: close } = Promise.withResolvers<void>()
    channel.on('close', close)
    channel.on('error', (error) => {
      close()
      onError?.(error)
    })
    await declareQueue(channel, queue, this.#asked)
    await channel.prefetch(concurrency)
    const { consumerTag } = await channel.consume(queue, (message) => {
      // The queue was deleted: begin anew, which makes it again.
      if (message === null) close()
      else this.#begin(channel, message)
    })
    await Promise.race([closed, aborted(this.#closing.signal)])
    if (this.#closing.signal.aborted) {
      await channel.cancel(consumerTag).catch(() => {})
      await Promise.all(this.#underWay)
    }
    await channel.close().catch(() => {}) // mostly it is
    return true
  }

  #begin(channel: AmqpChannel, message: AmqpMessage): void {
    const work: Promise<void> = this.#take(channel, message).finally(() => this.#underWay.delete(work))
    this.#underWay.add(work)
  }

  async #take(channel: AmqpChannel, message: AmqpMessage): Promise<void> {
    const answer = (give: () => void): void => {
      try {
        give()
      } catch {} // a channel that has closed meanwhile: the broker tells it again
    }
    if (this.#closing.signal.aborted) return answer(() => channel.nack(message))
    try {
      await this.#asked.take({ body: parse(message.content) })
      answer(() => channel.ack(message))
    } catch (error) {
      this.#asked.onError?.(error)
      await backOff(1, this.#closing.signal)
      answer(() => channel.nack(message))
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#going
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))
}

function parse(content: Buffer): unknown {
  const text = content.toString('utf8')
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
