/** The slice of an `amqplib` connection that recovers (`connect(url, { recovery: true })`) which is used. */
export interface AmqpConnection {
  createConfirmChannel(): Promise<AmqpChannel>
  on(event: 'error', listener: (error: Error) => void): unknown
}

export interface AmqpChannel {
  on(event: 'close', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  assertExchange(exchange: string, type: string, options?: { durable?: boolean }): Promise<unknown>
  assertQueue(queue: string, options?: { durable?: boolean; arguments?: Record<string, unknown> }): Promise<unknown>
  bindQueue(queue: string, exchange: string, pattern: string): Promise<unknown>
  prefetch(count: number): Promise<unknown>
  publish(
    exchange: string,
    routingKey: string,
    content: Buffer,
    options: AmqpProperties,
    confirmed: (error: unknown) => void,
  ): boolean
  consume(queue: string, onMessage: (message: AmqpMessage | null) => void): Promise<{ consumerTag: string }>
  cancel(consumerTag: string): Promise<unknown>
  ack(message: AmqpMessage): void
  nack(message: AmqpMessage, allUpTo?: boolean, requeue?: boolean): void
  close(): Promise<void>
}

export interface AmqpProperties {
  readonly persistent: boolean
  readonly messageId: string
  readonly type: string
  readonly contentType: string
  readonly timestamp: number
}

/** A message as it came: what is looked at. The whole of it goes back with `ack`. */
export interface AmqpMessage {
  readonly content: Buffer
  // What amqplib needs of it, and we do not know.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly fields: any
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly properties: any
}

export const deadQueueOf = (queue: string): string => `${queue}.dead`

/** A durable queue behind an exchange of its name, and one for the dead. Promises: again, and by anybody, no effect. */
export async function declareQueue(
  channel: AmqpChannel,
  queue: string,
  { queueType = 'quorum', deliveryLimit = 20 }: { queueType?: 'quorum' | 'classic'; deliveryLimit?: number },
): Promise<void> {
  const dead = deadQueueOf(queue)
  const isDead = queue.endsWith('.dead')
  await channel.assertExchange(queue, 'topic', { durable: true })
  if (!isDead) await channel.assertExchange(dead, 'topic', { durable: true })
  const limit = queueType === 'quorum' ? { 'x-delivery-limit': deliveryLimit } : {}
  await channel.assertQueue(queue, {
    durable: true,
    arguments: { 'x-queue-type': queueType, ...(isDead ? {} : { 'x-dead-letter-exchange': dead, ...limit }) },
  })
  await channel.bindQueue(queue, queue, '#')
  if (isDead) return
  await channel.assertQueue(dead, { durable: true, arguments: { 'x-queue-type': queueType } })
  await channel.bindQueue(dead, dead, '#')
}

const delayStepsMs = [1_000, 5_000, 30_000, 300_000]

/**
 * Where messages wait: of each queue all wait for the same time, so that none waits behind one that waits longer. What has waited comes
 * back to the queue by the way of the dead letters.
 */
export async function delayQueue(channel: AmqpChannel, queue: string, delayMs: number): Promise<string> {
  const stepMs = delayStepsMs.find((step) => step >= delayMs) ?? delayStepsMs.at(-1)!
  const name = `${queue}.wait.${stepMs}`
  const back = { 'x-message-ttl': stepMs, 'x-dead-letter-exchange': queue, 'x-dead-letter-routing-key': 'retry' }
  await channel.assertQueue(name, { durable: true, arguments: back })
  return name
}
