/**
 * What Virtkit asks of a queue. Four promises, no more: what it took it keeps, in the order in which it took it; what is not done is told
 * again; and one message at a time is somebody's. Who may repeat what, and what is done with poison, is decided above it.
 *
 * `describeEngine` of `@virtkit/queue/conformance` holds an engine of yours against all of it.
 */
export interface QueueEngine {
  /** For people: `amqp`. */
  readonly name: string
  /**
   * Puts messages into a queue, which is made when it is missing.
   *
   * Promises: when it resolves, all of them are kept, whatever dies then; in their order, after those that were sent before. While the
   * engine is down it waits or rejects, and what it did not resolve for may be there all the same: send it again. Throws the signal's
   * reason.
   */
  send(queue: string, messages: readonly QueueMessage[], options?: SendOptions): Promise<void>
  /**
   * Hands messages to `take`, so many at a time, until the consumer is closed.
   *
   * Promises: a message is gone when `take` has resolved, and told again, to anybody, when it rejected or its process died. An engine that
   * is down, or goes down, is waited for with growing patience; nothing of that rejects. With one at a time: in order.
   */
  consume(queue: string, take: (delivery: Delivery) => Promise<void>, options?: ConsumeOptions): Promise<Consumer>
  /** Closes its consumers and what else it has opened itself; what the host brought is the host's to close. */
  close(): Promise<void>
}

export interface QueueMessage {
  readonly id: string
  /** What it is, for those who sort by it: `machine.created`. */
  readonly type: string
  /** `application/json`, or what more precisely. */
  readonly contentType: string
  /** JSON. */
  readonly body: object
}

export interface SendOptions {
  /** Not told before so much time has passed; some engines know steps only, and take the next longer one. */
  readonly delayMs?: number
  readonly signal?: AbortSignal
}

export interface Delivery {
  /** As it came: JSON, or the text of what was none. Nobody has checked it. */
  readonly body: unknown
}

export interface ConsumeOptions {
  /** How many at a time. Default 1. */
  readonly concurrency?: number
}

export interface Consumer extends AsyncDisposable {
  /** Takes nothing more, and resolves when what is under way has ended. */
  close(): Promise<void>
}

/** How an engine is told of by the adapters. */
export interface EngineOptions {
  /** Told of what goes wrong in the background and is tried again. Default: nobody. */
  readonly onError?: (error: unknown) => void
}
