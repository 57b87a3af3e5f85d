/** Something that happened, as it leaves the kit. */
export interface DomainEvent {
  /** Grows; the order in which the kit tells of events. */
  readonly position: number
  /** Unique for ever; the same event delivered twice has the same id. */
  readonly id: string
  /** Past tense, dotted: `machine.created`. */
  readonly type: string
  /** What it is about: `machine/12`. */
  readonly subject: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** JSON; never a secret. */
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * Where events go besides the kit's own emitter: a queue, an audit log.
 *
 * Promises asked of an implementation: `deliver` resolves when the events are safe. What rejects is delivered again, in
 * order, after a pause: at least once, so recognise `id`. One process at a time delivers to sinks of one name; it gives up when the signal
 * aborts, and then another may go on.
 */
export interface EventSink {
  /** Under this name the kit remembers how far it has delivered. */
  readonly name: string
  deliver(events: readonly DomainEvent[], signal: AbortSignal): Promise<void>
}
