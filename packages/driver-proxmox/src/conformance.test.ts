import { type FaultRule, type ProxmoxSimulator, startProxmoxSimulator } from '@virtkit/proxmox-simulator'
import { type DriverTarget, type FaultableMethod, describeDriver } from '@virtkit/spi/conformance'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { HttpTransport } from './client/http-transport.ts'
import { isPveError } from './client/pve-error.ts'
import type { PveAsk } from './client/transport.ts'
import { proxmox } from './index.ts'
import { countClientSockets } from './testing/client-sockets.ts'
import { requestSchema } from './testing/request-schema.ts'

const secret = 'c0ffee00-c0ff-4ee0-8c0f-fee00c0ffee0'
const simulator = await startProxmoxSimulator({
  pace: 0.001,
  // TLS is another test's affair, and costs each connection some milliseconds.
  tls: false,
  // The driver asks machines themselves; the list may be as old as it likes.
  resourcesLagMs: 3_600_000,
  users: [{ userid: 'root@pam', tokens: [{ tokenid: 'check', secret, privsep: false }] }],
  nodes: [{ node: 'pve1' }, { node: 'pve2' }],
  storages: [{ storage: 'nfs', type: 'nfs', shared: true }],
})
const sockets = countClientSockets()

// Every request goes through here, so that it can be looked at afterwards.
const asked = new Map<string, PveAsk>()
const refused: string[] = []
const send = HttpTransport.prototype.request
vi.spyOn(HttpTransport.prototype, 'request').mockImplementation(async function (this: HttpTransport, ask) {
  const { method, path, at = {}, params = {} } = ask
  const form = Object.entries({ ...at, ...params }).map(
    ([name, value]) => `${name}=${String(value).replaceAll(/\d+/g, '0')}`,
  )
  asked.set(`${method} ${path} ${form.join('&')}`, ask)
  try {
    return await send.call(this, ask)
  } catch (error) {
    const isKnown = isPveError(error) && (error.failure.kind !== 'invalid' || /no such task/.test(error.message))
    if (!isKnown) refused.push(`${method} ${path}: ${String(error)}`)
    throw error
  }
})

const login = { url: simulator.url, username: 'root@pam!check', password: secret, http: true }

afterAll(async () => {
  sockets.stop()
  await simulator.close()
})

describe('against a simulated cluster of two nodes', () => {
  describeDriver(
    { describe, it },
    {
      driver: proxmox,
      options: login,
      badCredentials: { ...login, password: 'c0ffee00-c0ff-4ee0-8c0f-fee00c0ffee1' },
      // The discard port: nobody listens there.
      unreachable: { ...login, url: 'http://127.0.0.1:9' },
      openHandles: () => sockets.settled(),
      secrets: [secret],
      ...hooks(simulator),
    },
  )
})

describe('requests', () => {
  it('none was refused because of its form', () => {
    expect(asked.size).toBeGreaterThan(100)
    expect(refused).toEqual([])
  })

  const problemsOf = requestSchema()
  if (problemsOf) {
    it('every one is valid by the schema of the original', () => {
      expect([...asked.values()].flatMap(problemsOf)).toEqual([])
    })
  }
})

/** What each call of the contract asks of the server to make its change. */
function requestOf(method: FaultableMethod): Pick<FaultRule, 'method' | 'path'> {
  const machine = '/nodes/{node}/qemu/{vmid}'
  const requests: Readonly<Record<FaultableMethod, Pick<FaultRule, 'method' | 'path'>>> = {
    'machines.create': { method: 'POST', path: '/nodes/{node}/qemu' },
    'machines.reconfigure': { method: 'PUT', path: `${machine}/config` },
    'machines.destroy': { method: 'DELETE', path: machine },
    'power.on': { method: 'POST', path: `${machine}/status/start` },
    'snapshots.create': { method: 'POST', path: `${machine}/snapshot` },
    'templates.clone': { method: 'POST', path: `${machine}/clone` },
  }
  return requests[method]
}

function hooks({ faults, world }: ProxmoxSimulator): Partial<DriverTarget> {
  return {
    loseNextAnswer: (method) => void faults.add({ ...requestOf(method), kind: 'answer-lost', times: 1 }),
    hangNextCall: (method) => {
      const { promise: hanging, resolve } = Promise.withResolvers<void>()
      const { method: verb, path = '' } = requestOf(method)
      const pattern = new Noticed(`^${String(path).replaceAll(/\{\w+\}/g, '[^/]+')}$`, resolve)
      faults.add({ ...(verb !== undefined && { method: verb }), path: pattern, kind: 'slow', ms: 1e9, times: 1 })
      return { hanging }
    },
    moveToAnotherHost: async (ref) => {
      const machine = world.machines.get(Number(ref))
      if (machine) machine.node = machine.node === 'pve1' ? 'pve2' : 'pve1'
    },
  }
}

/** A pattern that tells when it fits: the request is at the server then. */
class Noticed extends RegExp {
  readonly #noticed: () => void

  constructor(pattern: string, noticed: () => void) {
    super(pattern)
    this.#noticed = noticed
  }

  override test(text: string): boolean {
    const fits = super.test(text)
    if (fits) this.#noticed()
    return fits
  }
}
