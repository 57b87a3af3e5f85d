/**
 * Spans and metrics for whatever the host has registered with OpenTelemetry's API. With nothing registered it does nothing.
 *
 * Whoever tells it something says numbers, keys and words of ours in spans, and in metrics what Prometheus is shown: no sentence that
 * may name anything, and no secret. An error is its code.
 *
 * Parents are W3C `traceparent` texts, because the next part of a trace may be told by another process.
 */
export interface Telemetry {
  /**
   * Does the work inside of a span. A promise ends the span when it settles; what is thrown is told by its code alone.
   *
   * @example
   * ```ts
   * await telemetry.span('install publish', { parent: operation.trace }, (trace) => publish({ ...call, trace }))
   * ```
   */
  span<T>(name: string, about: SpanAbout, work: (trace: string | undefined, span: OpenSpan) => T): T
  /** A span that has its times already; without them, a moment. Answers its `traceparent` when there is one. */
  note(
    name: string,
    about: SpanAbout & { readonly from?: number; readonly to?: number; readonly failed?: string },
  ): string | undefined
  /** The same name and kind again is the same instrument. */
  instrument(kind: InstrumentKind, name: string, about: InstrumentAbout): Measure
  /** Values that are asked for when somebody collects them, all together. Answers how to end that. */
  observe(gauges: Readonly<Record<string, InstrumentAbout>>, read: () => Promise<readonly Observation[]>): () => void
}

export type InstrumentKind = 'counter' | 'up-down-counter' | 'histogram'
export type Labels = Readonly<Record<string, string | number>>
export type Measure = (value: number, labels?: Labels) => void

export interface SpanAbout {
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  /** A `traceparent`. Left out, the span that is active; a `server` prefers that one. */
  readonly parent?: string | undefined
  readonly labels?: Readonly<Record<string, string | number | boolean | undefined>>
}

export interface OpenSpan {
  /** What is known only later. */
  label(labels: NonNullable<SpanAbout['labels']>): void
  rename(name: string): void
  /** It failed, though nothing is thrown. */
  fail(code: string): void
}

export interface InstrumentAbout {
  readonly description: string
  readonly unit?: string
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[]
}

export interface Observation {
  readonly name: string
  readonly value: number
  readonly labels: Labels
}

const unseen: OpenSpan = { label: () => {}, rename: () => {}, fail: () => {} }

/** Where the API's package is not installed. */
export const noTelemetry: Telemetry = {
  span: (_name, { parent }, work) => work(parent, unseen),
  note: () => undefined,
  instrument: () => () => {},
  observe: () => () => {},
}
