import type { DomainEvent, InstrumentAbout, Labels, Telemetry } from '@virtkit/core'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { prometheusName } from './prometheus-name.ts'

export type Answered = (method: string, route: string, status: number) => void

/** Callers make up methods; each would be a line for ever. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])

const seconds = { unit: 's', buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] }

/**
 * What is counted as it happens: requests of this process, and ends of operations in the whole installation. Requests are told to the
 * host's OpenTelemetry as well, under the same names; operations are told there by the kit that ended them.
 */
export class Counters {
  readonly #requests: (labels: Labels) => void
  readonly #seconds: (value: number, labels: Labels) => void
  readonly #underWay: (change: 1 | -1) => void
  readonly #operations: Histogram<'kind' | 'state'>
  /** Answered, and not yet counted. */
  #answered: { readonly method: string; readonly route: string; readonly status: number; readonly seconds: number }[] = []

  constructor(registry: Registry, telemetry: Telemetry) {
    const registers = [registry]
    const shown = (name: string, about: InstrumentAbout, labelNames: string[], isTotal = false) => ({
      name: prometheusName(name, { ...(about.unit !== undefined && { unit: about.unit }), isTotal }),
      help: about.description,
      labelNames,
      registers,
    })

    const requests = { description: 'HTTP requests that this process has answered.' }
    const counter = new Counter(shown('virtkit.http.requests', requests, ['method', 'route', 'status'], true))
    const count = telemetry.instrument('counter', 'virtkit.http.requests', requests)
    this.#requests = (labels) => {
      counter.inc(labels)
      count(1, labels)
    }

    const duration = { description: 'How long this process took to begin its answer.', ...seconds }
    const histogram = new Histogram({
      ...shown('virtkit.http.request.duration', duration, ['method', 'route']),
      buckets: duration.buckets,
    })
    const record = telemetry.instrument('histogram', 'virtkit.http.request.duration', duration)
    this.#seconds = (value, labels) => {
      histogram.observe(labels, value)
      record(value, labels)
    }

    const underWay = { description: 'HTTP requests that this process has begun and not yet answered.' }
    let now = 0
    const gauge: Gauge = new Gauge({
      ...shown('virtkit.http.requests.under_way', underWay, []),
      registers: [],
      collect: () => gauge.set(now),
    })
    registry.registerMetric(gauge)
    const change = telemetry.instrument('up-down-counter', 'virtkit.http.requests.under_way', underWay)
    this.#underWay = (by) => {
      now += by
      change(by)
    }

    this.#operations = new Histogram({
      name: 'virtkit_operation_duration_seconds',
      help: 'How long operations took from being accepted to their end, since this process began.',
      labelNames: ['kind', 'state'],
      buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 600, 1200, 2400, 3600, 86_400],
      registers,
    })
  }

  /** Answers go out before they are counted: whoever reads the registry calls `countAnswered` first. */
  begin(): Answered {
    const startedAt = performance.now()
    this.#underWay(1)
    return (method, route, status) => {
      this.#underWay(-1)
      const known = methods.has(method) ? method : 'other'
      this.#answered.push({ method: known, route, status, seconds: (performance.now() - startedAt) / 1000 })
      if (this.#answered.length === 1) setImmediate(() => this.countAnswered())
    }
  }

  countAnswered(): void {
    for (const { seconds: took, status, ...labels } of this.#answered.splice(0)) {
      this.#requests({ ...labels, status })
      this.#seconds(took, labels)
    }
  }

  tell({ type, data }: DomainEvent): void {
    const [subject, state] = type.split('.')
    const { kind, durationMs } = data
    if (subject !== 'operation' || state === undefined || typeof kind !== 'string') return
    // Only ends tell how long it took.
    if (typeof durationMs === 'number') this.#operations.observe({ kind, state }, durationMs / 1000)
  }
}
