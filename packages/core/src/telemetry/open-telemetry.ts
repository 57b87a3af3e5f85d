import type * as openTelemetryApi from '@opentelemetry/api'
import type { Attributes, Context, Meter, Span } from '@opentelemetry/api'
import { toVirtkitError } from '@virtkit/spi'
import {
  type InstrumentAbout,
  type InstrumentKind,
  type Measure,
  type OpenSpan,
  type SpanAbout,
  type Telemetry,
  noTelemetry,
} from './telemetry.ts'
import { parseTrace, renderTrace } from './trace-rules.ts'

type Api = typeof openTelemetryApi

/** OpenTelemetry's API, if the host has it. Metrics go to the provider that is registered by now, spans also to a later one. */
export async function openTelemetry(scope: { readonly name: string; readonly version: string }): Promise<Telemetry> {
  const api = await import('@opentelemetry/api').catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  })
  return api ? telemetryOf(api, scope) : noTelemetry
}

function telemetryOf(api: Api, { name: scope, version }: { readonly name: string; readonly version: string }): Telemetry {
  const tracer = api.trace.getTracer(scope, version)
  const meter = api.metrics.getMeter(scope, version)
  /** Asked each time: a host may register later. */
  const isSeen = (): boolean => {
    const provider = api.trace.getTracerProvider()
    return !(provider instanceof api.ProxyTracerProvider) || provider.getDelegateTracer(scope, version) !== undefined
  }
  const instruments = new Map<string, Measure>()
  const kinds = {
    internal: api.SpanKind.INTERNAL,
    server: api.SpanKind.SERVER,
    client: api.SpanKind.CLIENT,
    producer: api.SpanKind.PRODUCER,
    consumer: api.SpanKind.CONSUMER,
  }

  const begin = (name: string, { kind = 'internal', parent, labels }: SpanAbout, startTime?: number) => {
    const active = api.context.active()
    // A host's instrumentation has read the header of a request already. Otherwise what is active may be of long ago: of who opened us.
    const isRead = kind === 'server' && api.trace.getSpan(active) !== undefined
    const remote = isRead ? undefined : parseTrace(parent)
    const under = remote ? api.trace.setSpanContext(active, { ...remote, isRemote: true }) : active
    const options = { kind: kinds[kind], attributes: known(labels), ...(startTime !== undefined && { startTime }) }
    const span = tracer.startSpan(name, options, under)
    const above = api.trace.getSpanContext(under)
    // Without an SDK the span that comes back stands for its parent, or for nothing.
    const own = span.spanContext()
    const isOwn = api.isSpanContextValid(own) && own.spanId !== above?.spanId
    return { span, under, trace: isOwn ? renderTrace(own) : undefined }
  }

  const fail = (span: Span, code: string): void => {
    span.setAttribute('error.type', code).setStatus({ code: api.SpanStatusCode.ERROR })
  }

  const within = <T>(under: Context, span: Span, work: () => T): T => api.context.with(api.trace.setSpan(under, span), work)

  return {
    span: (name, about, work) => {
      if (!isSeen()) return noTelemetry.span(name, about, work)
      const { span, under, trace } = begin(name, about)
      if (trace === undefined) return work(about.parent, opened(span, fail))
      const failed = (error: unknown): never => {
        fail(span, toVirtkitError(error).code)
        span.end()
        throw error
      }
      let result: ReturnType<typeof work>
      try {
        result = within(under, span, () => work(trace, opened(span, fail)))
      } catch (error) {
        return failed(error)
      }
      if (!(result instanceof Promise)) {
        span.end()
        return result
      }
      return result.then((value: unknown) => {
        span.end()
        return value
      }, failed) as typeof result
    },
    note: (name, { from, to, failed, ...about }) => {
      if (!isSeen()) return undefined
      const { span, trace } = begin(name, about, from)
      if (failed !== undefined) fail(span, failed)
      span.end(to)
      return trace
    },
    instrument: (kind, name, about) => {
      const instrument = instruments.get(name) ?? makeInstrument(meter, kind, name, about)
      instruments.set(name, instrument)
      return instrument
    },
    observe: (abouts, read) => {
      const gauges = Object.entries(abouts).map(
        ([name, { description }]) => [name, meter.createObservableGauge(name, { description })] as const,
      )
      const byName = new Map(gauges)
      const observables = gauges.map(([, gauge]) => gauge)
      const tell: Parameters<typeof meter.addBatchObservableCallback>[0] = async (into) => {
        // What cannot be read now is missing from this collection; whoever reads it sees a gap.
        for (const { name, value, labels } of await read().catch(() => [])) {
          const gauge = byName.get(name)
          if (gauge) into.observe(gauge, value, labels)
        }
      }
      meter.addBatchObservableCallback(tell, observables)
      return () => meter.removeBatchObservableCallback(tell, observables)
    },
  }
}

function makeInstrument(meter: Meter, kind: InstrumentKind, name: string, { buckets, ...about }: InstrumentAbout): Measure {
  if (kind === 'histogram') {
    const advice = buckets && { advice: { explicitBucketBoundaries: [...buckets] } }
    const histogram = meter.createHistogram(name, { ...about, ...advice })
    return (value, labels) => histogram.record(value, labels)
  }
  const counter = kind === 'counter' ? meter.createCounter(name, about) : meter.createUpDownCounter(name, about)
  return (value, labels) => counter.add(value, labels)
}

function opened(span: Span, fail: (span: Span, code: string) => void): OpenSpan {
  return {
    label: (labels) => void span.setAttributes(known(labels)),
    rename: (name) => void span.updateName(name),
    fail: (code) => fail(span, code),
  }
}

function known(labels: SpanAbout['labels'] = {}): Attributes {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== undefined)) as Attributes
}
