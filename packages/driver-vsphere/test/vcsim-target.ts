import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import https from 'node:https'
import type { Socket } from 'node:net'
import { Secret } from '@virtkit/spi'
import type { DriverTarget, FaultableMethod } from '@virtkit/spi/conformance'
import type { Vcsim } from '@virtkit/test-vcsim'
import { type VimTransportKind, createVmware } from '../src/index.ts'
import { type MoRef, refAt } from '../src/client/xml/xml-tree.ts'
import { native } from '../src/client/soap/native-transport.ts'

/** What vSphere calls what the conformance cases lose and withhold. */
const methods: Readonly<Record<FaultableMethod, readonly string[]>> = {
  'machines.create': ['CreateVM_Task'],
  'machines.reconfigure': ['ReconfigVM_Task'],
  'machines.destroy': ['Destroy_Task'],
  'power.on': ['PowerOnVM_Task'],
  'snapshots.create': ['CreateSnapshot_Task'],
  'templates.clone': ['CloneVM_Task'],
}

export interface CheckedTarget {
  readonly target: DriverTarget
  stop(): void
}

/** A simulated server as the conformance cases want it, with ways past the driver. */
export function vcsimTarget(vcsim: Vcsim, model: 'vcenter' | 'esxi', transport: VimTransportKind): CheckedTarget {
  const options = {
    url: vcsim.url,
    username: vcsim.user,
    password: new Secret(vcsim.password),
    ca: vcsim.caCertificate,
  }
  const wrong = 'a wrong <password> & more'
  const sockets = countClientSockets(vcsim.port)
  // A rule is there before the next call is sent.
  let ready: Promise<unknown> = Promise.resolve()
  const target: DriverTarget = {
    driver: createVmware({ transport: after(transport, () => ready) }),
    options,
    badCredentials: { ...options, password: new Secret(wrong) },
    // The discard port: nobody listens there.
    unreachable: { ...options, url: 'https://127.0.0.1:9/sdk' },
    openHandles: async () => sockets.count() + (await vcsim.sessions()),
    secrets: [vcsim.password, wrong],
    loseNextAnswer: async (method) =>
      void (await vcsim.addRule({ methods: methods[method], kind: 'reset-after', times: 1 })),
    hangNextCall: (method) => {
      const rule = vcsim.addRule({ methods: methods[method], kind: 'delay', ms: 600_000, times: 1 })
      ready = rule
      return { hanging: rule.then((id) => untilUsed(vcsim, id)) }
    },
    readMedium: (ref) => readMedium(vcsim, model === 'vcenter' ? 'DC0' : 'ha-datacenter', ref),
    ...(model === 'vcenter' ? { moveToAnotherHost: (ref: string) => moveMachine(vcsim, ref) } : {}),
  }
  return { target, stop: sockets.stop }
}

async function untilUsed(vcsim: Vcsim, id: number): Promise<void> {
  while (!(await vcsim.rules()).some((rule) => rule.id === id && rule.used > 0)) await pause(20)
}

function after(kind: VimTransportKind, ready: () => Promise<unknown>): VimTransportKind {
  return {
    name: kind.name,
    open(endpoint) {
      const inner = kind.open(endpoint)
      return {
        login: (credentials, signal) => inner.login(credentials, signal),
        call: async (call) => {
          await ready()
          return inner.call(call)
        },
        cookie: () => inner.cookie(),
        close: () => inner.close(),
      }
    },
  }
}

/** Counts the sockets that this process opens to the server, whoever opens them. */
function countClientSockets(port: number): { count(): number; stop(): void } {
  const open = new Set<Socket>()
  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket }
    socket.once('connect', () => {
      if (socket.remotePort === port) open.add(socket)
    })
    socket.once('close', () => open.delete(socket))
  }
  subscribe('net.client.socket', onSocket)
  return { count: () => open.size, stop: () => void unsubscribe('net.client.socket', onSocket) }
}

async function withLogin<T>(vcsim: Vcsim, run: (call: Calling, cookie: string) => Promise<T>): Promise<T> {
  const transport = native().open({ url: new URL(vcsim.url), ca: vcsim.caCertificate, insecure: false })
  const signal = AbortSignal.timeout(20_000)
  try {
    const { content } = await transport.login({ username: vcsim.user, password: () => vcsim.password }, signal)
    const call: Calling = (method, self, fields = {}) =>
      transport.call({ method, self, arguments: fields, signal, timeoutMs: 20_000 })
    const answer = await run(call, transport.cookie())
    await call('Logout', refAt(content, 'sessionManager') ?? { moType: '', id: '' })
    return answer
  } finally {
    await transport.close()
  }
}

type Calling = (method: string, self: MoRef, fields?: Record<string, unknown>) => Promise<unknown>

function readMedium(vcsim: Vcsim, datacenter: string, ref: string): Promise<Uint8Array> {
  return withLogin(vcsim, async (_, cookie) => {
    const [, store = '', path = ''] = /\[([^\]]+)\] (.*)$/.exec(ref) ?? []
    const url = new URL(`/folder/${path}`, vcsim.url)
    url.searchParams.set('dsName', store)
    url.searchParams.set('dcPath', datacenter)
    return new Promise<Uint8Array>((resolve, reject) => {
      https
        .get(url, { ca: vcsim.caCertificate, headers: { cookie }, agent: false }, (answer) => {
          answer.toArray().then((chunks) => resolve(Buffer.concat(chunks)), reject)
        })
        .on('error', reject)
    })
  })
}

function moveMachine(vcsim: Vcsim, ref: string): Promise<void> {
  return withLogin(vcsim, async (call) => {
    const self = { moType: 'VirtualMachine', id: ref }
    const collector = { moType: 'PropertyCollector', id: 'propertyCollector' }
    const read = async (objects: readonly MoRef[], type: string, path: string): Promise<unknown> =>
      call('RetrievePropertiesEx', collector, {
        specSet: [
          { propSet: [{ type, all: false, pathSet: [path] }], objectSet: objects.map((obj) => ({ obj, skip: false })) },
        ],
        options: {},
      })
    const value = (answer: unknown): unknown => (answer as { objects: { propSet: { val: unknown } } }).objects.propSet.val
    const host = value(await read([self], 'VirtualMachine', 'runtime.host')) as MoRef
    const parent = value(await read([host], 'HostSystem', 'parent')) as MoRef
    const hosts = value(await read([parent], 'ComputeResource', 'host')) as readonly MoRef[]
    const other = hosts.find((each) => each.id !== host.id)
    await call('RelocateVM_Task', self, { spec: { host: other }, priority: 'defaultPriority' })
  })
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
