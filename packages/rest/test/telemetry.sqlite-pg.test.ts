import { metrics, trace } from '@opentelemetry/api'
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { type Install, createVirtkit } from '@virtkit/core'
import { eachDatabase } from '@virtkit/test-databases'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { type RestLab, media, openRestLab } from './rest-lab.ts'

const spans = new InMemorySpanExporter()
const tracers = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] })
trace.setGlobalTracerProvider(tracers)
const collected = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: collected, exportIntervalMillis: 3_600_000 })
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))

beforeEach(() => spans.reset())
afterAll(() => reader.shutdown())

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const callers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }

/** A machine on paper; answers its key. */
async function planned({ kit, simulator, call }: RestLab): Promise<number> {
  const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: simulator.url } })
  const lan = await kit.networks.add({ name: 'lan', cluster: cluster.key, cidr: '10.20.0.0/24', gateway: '10.20.0.1' })
  const team = await kit.groups.add({ name: 'team', networks: [lan.key], clusters: [cluster.key] })
  const size = { cpu: 1, ram: '2GB', disc: '20GB', datastore: 'auto' }
  const place = { owner: team.key, clusterkey: cluster.key, oskey: kit.catalog.find('debian-12')!.key, networks: [lan.key] }
  const { body } = await call('POST', '/virtualmachines', { name: 'web-1', ...size, ...place })
  return body.key
}

const named = (name: string): ReadableSpan[] => spans.getFinishedSpans().filter((span) => span.name === name)
const idsOf = (found: readonly ReadableSpan[]): Set<string> => new Set(found.map((span) => span.spanContext().traceId))

eachDatabase((db) => {
  it('an install is one trace, from the caller’s own to its last phase, though another process works on it', async () => {
    const database = await db.options()
    const keys = [{ id: 'test', key: Buffer.alloc(32, 7).toString('base64') }]
    const shared = { encryption: { keys } }
    await using lab = await openRestLab(database, { kit: { ...shared, operations: { work: false } } })
    await using worker = await createVirtkit({
      database,
      ...shared,
      drivers: [lab.simulator.driver],
      installMedia: media(),
    })
    const machine = await planned(lab)
    spans.reset()
    const { status } = await lab.call('POST', `/virtualmachines/${machine}/install`, {}, callers)
    expect(status).toBe(202)
    const [{ operation }] = (await lab.kit.installs.ofMachine(machine)) as [Install]
    await worker.operations.wait(operation)
    const ended = await lab.kit.operations.get(operation)
    expect(ended.state).toBe('succeeded')

    const [request] = named('POST /virtualmachines/:key/install')
    expect(request?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7')
    const [accepted] = named('accept install-machine')
    expect(accepted?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId)
    // What the row says is the span that all work on it is under.
    expect(ended.trace).toBe(`00-${traceId}-${accepted?.spanContext().spanId}-01`)
    const steps = spans.getFinishedSpans().filter(({ name }) => name.startsWith('install-machine '))
    expect([...new Set(steps.map(({ name }) => name))]).toEqual(
      expect.arrayContaining(['install-machine publish', 'install-machine create', 'install-machine first-boot']),
    )
    const phases = spans.getFinishedSpans().filter(({ name }) => name.startsWith('install '))
    expect(phases.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'install planned',
        'install published',
        'install booted',
        'install installing',
        'install ready',
      ]),
    )
    for (const span of [...steps, ...phases, ...named('install-machine')])
      expect(span.parentSpanContext?.spanId).toBe(accepted?.spanContext().spanId)
    // A call of a driver is in the step that made it.
    const [create] = named('simulated machines.create')
    expect(steps.find((span) => span.spanContext().spanId === create?.parentSpanContext?.spanId)?.name).toBe(
      'install-machine create',
    )
    expect(idsOf([request!, accepted!, ...steps, ...phases, create!])).toEqual(new Set([traceId]))
  })

  it('what fails is told by its code, and no address and no word of anybody’s is', async () => {
    await using lab = await openRestLab(await db.options())
    const machine = await planned(lab)
    lab.simulator.faults.add({ method: 'machines.create', kind: 'refused', times: 1000 })
    spans.reset()
    await lab.call('GET', '/users?client_secret=in-the-address', undefined, callers)
    await lab.call('POST', `/virtualmachines/${machine}/install`, {})
    const [{ operation }] = (await lab.kit.installs.ofMachine(machine)) as [Install]
    await lab.kit.operations.wait(operation)
    const [failed] = named('install-machine')
    expect(failed?.attributes).toMatchObject({ 'error.type': 'HYPERVISOR_REFUSED', 'virtkit.operation.state': 'failed' })
    expect(named('install failed')[0]?.status.code).toBe(2)
    const all = JSON.stringify(
      spans.getFinishedSpans().map(({ name, attributes, events, status }) => [name, attributes, events, status]),
    )
    expect(all).not.toMatch(/in-the-address|web-1|10\.20\./)
  })

  it('metrics have the names and values that Prometheus is shown', async () => {
    await using lab = await openRestLab(await db.options())
    const machine = await planned(lab)
    await lab.kit.contingents.set((await lab.kit.groups.list())[0]!.key, { vm: 9, cpu: 9, memory: 20_480, disk: 204_800 })
    await lab.call('POST', `/virtualmachines/${machine}/install`, {})
    const [{ operation }] = (await lab.kit.installs.ofMachine(machine)) as [Install]
    await lab.kit.operations.wait(operation)
    await expect
      .poll(async () => namesIn(await metricsOf(lab)), { timeout: 30_000 })
      .toContain('virtkit_operation_duration_seconds')

    collected.reset()
    await reader.forceFlush()
    const text = await metricsOf(lab)
    const ours = collected.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    const names = ours.map(({ descriptor, dataPointType }) => {
      const unit = descriptor.unit === 's' ? '_seconds' : ''
      const total = descriptor.name === 'virtkit.http.requests' && dataPointType === DataPointType.SUM ? '_total' : ''
      return `${descriptor.name.replaceAll('.', '_')}${unit}${total}`
    })
    expect(names.toSorted()).toEqual(namesIn(text))
    const gauges = ours.filter(({ dataPointType }) => dataPointType === DataPointType.GAUGE)
    expect(gauges.length).toBeGreaterThan(5)
    for (const { descriptor, dataPoints } of gauges) {
      for (const { attributes, value } of dataPoints) {
        const labels = Object.entries(attributes).map(([name, of]) => `${name}="${of}"`)
        expect(text).toContain(`${descriptor.name.replaceAll('.', '_')}{${labels.join(',')}} ${value as number}\n`)
      }
    }
  })
})

async function metricsOf(lab: RestLab): Promise<string> {
  return (await lab.call('GET', '/metrics')).body.text()
}

/** Of those that have a value. */
function namesIn(text: string): string[] {
  const names = [...text.matchAll(/^(virtkit_\w+?)(?:_bucket|_sum|_count)?(?:\{.*\})? \S+$/gm)].map(([, name]) => name!)
  return [...new Set(names)].toSorted()
}
