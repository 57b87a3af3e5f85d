import type { DomainEvent, EventSink } from '@virtkit/spi'
import type { QueueEngine, QueueMessage } from './queue-engine.ts'

/** A CloudEvent 1.0 in its JSON format (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md). */
export interface CloudEvent {
  readonly specversion: '1.0'
  /** Unique together with `source`; the same event told twice has the same. */
  readonly id: string
  /** Who tells: an installation. */
  readonly source: string
  /** Past tense: `virtkit.machine.created`. */
  readonly type: string
  /** What it is about: `machine/12`. */
  readonly subject: string
  /** RFC 3339. */
  readonly time: string
  readonly datacontenttype: 'application/json'
  /** Its place in the order, of the sequence extension: sorted as text. */
  readonly sequence?: string
  readonly data: Readonly<Record<string, unknown>>
}

export const cloudEventType = 'application/cloudevents+json'

export interface CloudEventOptions {
  /** The queue that they go to. */
  readonly to: string
  /** Names this installation, as a URI. Default `urn:virtkit`; say more where several installations tell one queue. */
  readonly source?: string
  /** Only these, such as `['machine.created']`. Default all. */
  readonly types?: readonly string[]
}

/**
 * Where the kit's events go, as CloudEvents 1.0: hand it to `createVirtkit({ eventSinks })`.
 *
 * Promises: each event at least once and in the order of the kit's feed, by one process at a time; how far it has come is kept in the
 * database, so an engine that is down delays events and loses none.
 *
 * @example
 * ```ts
 * const kit = await createVirtkit({ …, eventSinks: [cloudEvents(engine, { to: 'virtkit.events', source: 'urn:virtkit:lab' })] })
 * ```
 */
export function cloudEvents(engine: QueueEngine, { to, source = 'urn:virtkit', types }: CloudEventOptions): EventSink {
  const wanted = types && new Set(types)
  return {
    name: `${engine.name}/${to}`,
    deliver: async (events, signal) => {
      const messages = events.filter(({ type }) => wanted?.has(type) ?? true).map((event) => toMessage(event, source))
      await engine.send(to, messages, { signal })
    },
  }
}

function toMessage(event: DomainEvent, source: string): QueueMessage {
  const body = toCloudEvent(event, source)
  return { id: body.id, type: body.type, contentType: cloudEventType, body }
}

/** An event of the kit as a CloudEvent. */
export function toCloudEvent({ id, type, subject, at, data, position }: DomainEvent, source: string): CloudEvent {
  return {
    specversion: '1.0',
    id,
    source,
    type: `virtkit.${type}`,
    subject,
    time: new Date(at).toISOString(),
    datacontenttype: 'application/json',
    sequence: String(position).padStart(16, '0'),
    data,
  }
}
