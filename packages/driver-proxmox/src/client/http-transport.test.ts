import { type ProxmoxSimulator, startProxmoxSimulator } from '@virtkit/proxmox-simulator'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { HttpTransport, type HttpTransportOptions } from './http-transport.ts'
import type { PveError } from './pve-error.ts'
import type { PveAsk } from './transport.ts'

let simulator: ProxmoxSimulator
let transports: HttpTransport[] = []

beforeEach(async () => {
  simulator = await startProxmoxSimulator({ pace: 0.001 })
})
afterEach(async () => {
  for (const transport of transports.splice(0)) await transport.close()
  await simulator.close()
})

function open(options: Partial<HttpTransportOptions> = {}): HttpTransport {
  const { certificate, url } = simulator
  const transport = new HttpTransport({
    endpoints: [url],
    username: 'root@pam',
    password: () => 'simulator',
    timeoutMs: 5000,
    ...(certificate && { ca: certificate.cert }),
    ...options,
  })
  transports.push(transport)
  return transport
}

const { signal } = new AbortController()
const nodes: PveAsk = { method: 'GET', path: '/nodes', signal }
const make = (vmid: number): PveAsk => ({
  method: 'POST',
  path: '/nodes/{node}/qemu',
  at: { node: 'pve1' },
  params: { vmid, name: `a${vmid}`, net0: 'virtio,bridge=vmbr0' },
  signal,
})
const failing = (promise: Promise<unknown>): Promise<PveError> =>
  promise.then(
    () => Promise.reject(new Error('it was answered')),
    (error: PveError) => error,
  )
const logins = (): number => simulator.requests.filter(({ path }) => path === '/access/ticket').length

it('a certificate is verified: by an authority, or by its fingerprint alone, or not at all when that is said', async () => {
  const { certificate } = simulator
  const without = { ca: '' }
  for (const trust of [{}, { ...without, fingerprint: certificate?.fingerprint ?? '' }, { ...without, insecure: true }]) {
    expect(await open(trust).request(nodes)).toMatchObject([{ node: 'pve1' }])
  }
  const other = 'AB:'.repeat(31) + 'AB'
  for (const trust of [without, { ...without, fingerprint: other }, { fingerprint: other }]) {
    const before = simulator.requests.length
    const error = await failing(open(trust).request(nodes))
    expect(error).toMatchObject({ failure: { kind: 'unreachable' }, happened: 'no' })
    // Whoever cannot prove himself does not even get the password.
    expect(simulator.requests.length).toBe(before)
  }
})

it('all who need a ticket wait for one login, and for one more when it has ended', async () => {
  const transport = open()
  await Promise.all(Array.from({ length: 8 }, () => transport.request(nodes)))
  expect(logins()).toBe(1)
  simulator.accounts.endTickets()
  await Promise.all(Array.from({ length: 8 }, () => transport.request(nodes)))
  expect(logins()).toBe(2)
  simulator.accounts.endTickets()
  // A change too: who was not let in has changed nothing.
  expect(await transport.request(make(100))).toMatch(/^UPID:pve1:/)
  expect(logins()).toBe(3)
})

it('a wrong password is told from everything else, and asked for once', async () => {
  const error = await failing(open({ password: () => 'wrong' }).request(nodes))
  expect(error.failure).toEqual({ kind: 'unauthenticated' })
  expect(logins()).toBe(1)
})

it('a change is sent once, and whether it happened is told truly', async () => {
  const transport = open()
  const path = '/nodes/{node}/qemu'
  const cases = [
    ['reset', 'maybe', false],
    ['answer-lost', 'maybe', true],
    ['refused', 'no', false],
    ['timed-out', 'maybe', false],
    ['timed-out-done', 'maybe', true],
  ] as const
  for (const [index, [kind, happened, done]] of cases.entries()) {
    const vmid = 200 + index
    simulator.faults.add({ method: 'POST', path, kind, times: 1 })
    const before = simulator.requests.length
    const error = await failing(transport.request(make(vmid)))
    expect([kind, error.failure.kind, error.happened]).toEqual([kind, 'unreachable', happened])
    const posts = simulator.requests
      .slice(before)
      .filter(({ method, path: at }) => method === 'POST' && at.endsWith('/qemu'))
    expect(posts).toHaveLength(1)
    expect(simulator.world.machines.has(vmid)).toBe(done)
    simulator.faults.clear()
  }
})

it('a read is tried again, also on another node; a change goes there only when it cannot have been done', async () => {
  await using second = await startProxmoxSimulator({ pace: 0.001 })
  simulator.faults.add({ method: 'GET', path: '/nodes', kind: 'reset', times: 2 })
  expect(await open().request(nodes)).toMatchObject([{ node: 'pve1' }])

  const insecure = { ca: '', insecure: true }
  const first = open({ ...insecure, endpoints: ['https://127.0.0.1:9', second.url] })
  expect(await first.request(make(300))).toMatch(/^UPID/)
  expect(second.world.machines.has(300)).toBe(true)

  const both = open({ ...insecure, endpoints: [second.url, simulator.url] })
  await both.request(nodes)
  second.faults.add({ method: 'POST', path: '/nodes/{node}/qemu', kind: 'reset', times: 1 })
  expect((await failing(both.request(make(301)))).happened).toBe('maybe')
  expect(simulator.world.machines.size + second.world.machines.size).toBe(1)
})

it('what would climb out of a path does not get into one', async () => {
  for (const node of ['..', 'a?b', 'a#b', 'a b', '']) {
    const error = await failing(open().request({ ...make(400), at: { node } }))
    expect(error.failure).toEqual({ kind: 'invalid', errors: { node: 'cannot stand in a path' } })
  }
  expect(simulator.requests).toEqual([])
})

it('an abort ends a request at once and says whether it was on its way', async () => {
  simulator.faults.add({ path: '/nodes/{node}/qemu', kind: 'slow', ms: 1e9 })
  const transport = open()
  await transport.request(nodes)
  const abort = new AbortController()
  const asking = failing(transport.request({ ...make(500), signal: abort.signal }))
  setTimeout(() => abort.abort(), 100)
  expect(await asking).toMatchObject({ failure: { kind: 'aborted' }, happened: 'maybe' })
  const never = await failing(transport.request({ ...make(500), signal: abort.signal }))
  expect(never).toMatchObject({ failure: { kind: 'aborted' }, happened: 'no' })
})

it('a connection that serves many reads collects nothing', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  const transport = open()
  for (let each = 0; each < 30; each += 1) await transport.request(nodes)
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', onWarning)
  expect(warnings).toEqual([])
})
