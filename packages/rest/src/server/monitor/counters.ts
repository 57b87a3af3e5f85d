import type { DomainEvent } from '@virtkit/core'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export type Answered = (method: string, route: string, status: number) => void

/** Callers make up methods; each would be a line for ever. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])

/** What is counted as it happens: requests of this process, and ends of operations in the whole installation. */
export class Counters {
  readonly #requests: Counter<'method' | 'route' | 'status'>
  readonly #seconds: Histogram<'method' | 'route'>
  readonly #underWay: Gauge
  readonly #operations: Histogram<'kind' | 'state'>

  constructor(registry: Registry) {
    const registers = [registry]
    this.#requests = new Counter({
      name: 'virtkit_http_requests_total',
      help: 'HTTP requests that this process has answered.',
      labelNames: ['method', 'route', 'status'],
      registers,
    })
    this.#seconds = new Histogram({
      name: 'virtkit_http_request_duration_seconds',
      help: 'How long this process took to begin its answer.',
      labelNames: ['method', 'route'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    })
    this.#underWay = new Gauge({
      name: 'virtkit_http_requests_under_way',
      help: 'HTTP requests that this process has begun and not yet answered.',
      registers,
    })
    this.#operations = new Histogram({
      name: 'virtkit_operation_duration_seconds',
      help: 'How long operations took from being accepted to their end, since this process began.',
      labelNames: ['kind', 'state'],
      buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 600, 1200, 2400, 3600, 86_400],
      registers,
    })
  }

  begin(): Answered {
    const startedAt = performance.now()
    this.#underWay.inc()
    return (method, route, status) => {
      this.#underWay.dec()
      const known = methods.has(method) ? method : 'other'
      this.#requests.inc({ method: known, route, status })
      this.#seconds.observe({ method: known, route }, (performance.now() - startedAt) / 1000)
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
