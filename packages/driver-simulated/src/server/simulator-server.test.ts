import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isVirtkitError, type Hypervisor, type MachineSpec, Secret } from '@virtkit/spi'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type SimulatorServer,
  type SimulatorServerOptions,
  createSimulatorControl,
  simulated,
  startSimulatorServer,
} from '../index.ts'

const call = { signal: new AbortController().signal }
const keyed = (key: string) => ({ ...call, key })
const spec: MachineSpec = {
  name: 'wëb 🖥',
  cpus: 2,
  memoryMiB: 512,
  firmware: 'uefi',
  disks: [{ sizeMiB: 1024, provisioning: 'thick' }],
  nics: [{ network: 'lan', mac: '02:00:00:00:00:01' }],
  placement: {},
}

const open: { close(): Promise<void> }[] = []
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtkit-simulator-'))
})
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close()
  await rm(folder, { recursive: true, force: true })
})

async function start(options: SimulatorServerOptions = {}): Promise<SimulatorServer> {
  const server = await startSimulatorServer({ guests: 'none', ...options })
  open.push(server)
  return server
}

async function connect(server: { readonly url: string }, more: object = {}): Promise<Hypervisor> {
  const hypervisor = await simulated.connect({ url: server.url, ...more }, call)
  open.push({ close: async () => hypervisor[Symbol.asyncDispose]() })
  return hypervisor
}

async function failure(promise: Promise<unknown>): Promise<{ code: string; outcome: string }> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isVirtkitError(error)) throw new Error(`it did not fail as it should: ${String(error)}`)
  return { code: error.code, outcome: error.outcome }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

describe('a simulator with a state file', () => {
  it('is the same after a restart: machines, content, snapshots and media', async () => {
    const stateFile = join(folder, 'deep', 'world.json')
    const first = await start({ stateFile })
    const hypervisor = await connect(first)
    const machine = await hypervisor.machines.create(spec, keyed('k'))
    const owned = { ref: machine.ref, key: 'k' }
    const image = { name: 'boot.iso', sizeBytes: 5, content: () => bytesOf('12345') }
    const medium = await hypervisor.media!.upload(image, call)
    await hypervisor.media!.insert(owned, medium.ref, call)
    await hypervisor.power.on(owned, call)
    first.world.writeDisk(machine.ref, { '/a': 'b' })
    const request = { name: 'before', description: 'Ü', memory: true, quiesce: false }
    await hypervisor.snapshots!.create(owned, request, call)
    const before = await hypervisor.machines.find(machine.ref, call)
    const tree = await hypervisor.snapshots!.list(machine.ref, call)
    await first.close()

    const second = await start({ stateFile, world: { hosts: [] } })
    const again = await connect(second)
    expect(await again.machines.findByKey('k', call)).toEqual(before)
    expect(await again.snapshots!.list(machine.ref, call)).toEqual(tree)
    expect(second.world.readDisk(machine.ref, '/a')).toBe('b')
    expect(Buffer.from((await second.world.readMedium(medium.ref))!).toString()).toBe('12345')
    expect((await again.machines.create(spec, keyed('k'))).ref).toBe(machine.ref)
    expect((await again.machines.create(spec, keyed('new'))).ref).not.toBe(machine.ref)
  })

  it('has written a change before it answers', async () => {
    const stateFile = join(folder, 'world.json')
    const hypervisor = await connect(await start({ stateFile }))
    for (const key of ['a', 'b', 'c']) {
      await hypervisor.machines.create(spec, keyed(key))
      expect(await readFile(stateFile, 'utf8')).toContain(`"key":"${key}"`)
    }
    expect(await readdir(folder)).toEqual(['world.json', 'world.json.media'])
  })

  it('keeps the bytes of the last upload only, and none of a broken one', async () => {
    const stateFile = join(folder, 'world.json')
    const server = await start({ stateFile })
    const hypervisor = await connect(server)
    for (const text of ['first', 'other']) {
      await hypervisor.media!.upload({ name: 'a.iso', sizeBytes: 5, content: () => bytesOf(text) }, call)
    }
    const short = { name: 'b.iso', sizeBytes: 50, content: () => bytesOf('too short') }
    expect(await failure(hypervisor.media!.upload(short, call))).toEqual({
      code: 'INVALID_INPUT',
      outcome: 'did-not-happen',
    })
    const files = await readdir(`${stateFile}.media`)
    expect(files).toHaveLength(1)
    expect(await readFile(join(`${stateFile}.media`, files[0]!), 'utf8')).toBe('other')
  })

  it.each(['nonsense', '{}', '{"format":2,"machines":[],"media":[]}'])('refuses a file that is none: %s', async (text) => {
    const stateFile = join(folder, 'world.json')
    await writeFile(stateFile, text)
    expect(await failure(startSimulatorServer({ stateFile }))).toMatchObject({ code: 'INVALID_INPUT' })
    expect(await readFile(stateFile, 'utf8')).toBe(text)
  })
})

describe('a simulator for several clients', () => {
  it('lets one see what another does, and watch it', async () => {
    const server = await start()
    const [one, other] = [await connect(server), await connect(server)]
    const abort = new AbortController()
    const events = other.watch!.changes({ since: '1.0' }, { signal: abort.signal })[Symbol.asyncIterator]()
    const machine = await one.machines.create(spec, keyed('k'))
    expect(await events.next()).toMatchObject({ value: { kind: 'appeared', ref: machine.ref } })
    await one.machines.destroy({ ref: machine.ref, key: 'k' }, call)
    expect(await events.next()).toMatchObject({ value: { kind: 'vanished', ref: machine.ref } })
    abort.abort()
    expect(await events.next()).toMatchObject({ done: true })
  })

  it('wants user name and password when it has them, and does not repeat a wrong one', async () => {
    const server = await start({ credentials: { username: 'u', password: new Secret('right') } })
    const error: unknown = await connect(server, { username: 'u', password: new Secret('wrong-one') }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(JSON.stringify(error) + String(error)).not.toContain('wrong-one')
    expect(await failure(connect(server))).toMatchObject({ code: 'UNAUTHENTICATED' })
    await connect(server, { username: 'u', password: new Secret('right') })
  })

  it('tells a client whose call it was on when it stops', async () => {
    const server = await start()
    const hypervisor = await connect(server)
    const { fired } = server.faults.add({ method: 'power.on', kind: 'hang' })
    const { ref } = await hypervisor.machines.create(spec, keyed('k'))
    const ended = failure(hypervisor.power.on({ ref, key: 'k' }, call))
    await fired
    await server.close()
    expect(await ended).toEqual({ code: 'HYPERVISOR_UNAVAILABLE', outcome: 'did-not-happen' })
    expect(await failure(hypervisor.machines.find(ref, call))).toEqual({
      code: 'HYPERVISOR_UNAVAILABLE',
      outcome: 'did-not-happen',
    })
  })

  it('refuses a port that is taken', async () => {
    const server = await start()
    expect(await failure(startSimulatorServer({ port: server.port }))).toMatchObject({ code: 'CONFLICT' })
  })

  it('is not mistaken for whatever else speaks HTTP there', async () => {
    const other = createServer((_, response) => response.end('{"product":"a printer"}')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    expect(await failure(connect({ url: `http://127.0.0.1:${port}` }))).toMatchObject({ code: 'HYPERVISOR_UNAVAILABLE' })
    other.close()
    other.closeAllConnections()
  })
})

describe('the experimenter over HTTP', () => {
  it('adds faults, counts and looks inside', async () => {
    const server = await start()
    const control = createSimulatorControl(server)
    open.push(control)
    const hypervisor = await connect(server)
    const id = await control.addFault({ method: 'machines.create', kind: 'answer-lost', times: 1 })
    expect(await failure(hypervisor.machines.create(spec, keyed('k')))).toEqual({
      code: 'HYPERVISOR_UNAVAILABLE',
      outcome: 'unknown',
    })
    expect(await control.faults()).toMatchObject([{ id, fired: 1 }])
    const summary = await control.summary()
    expect(summary.machines.map((machine) => machine.key)).toEqual(['k'])
    expect(summary.calls['machines.create']).toEqual({ count: 1, peak: 1 })
    const { ref } = summary.machines[0]!
    await control.writeDisk(ref, { '/etc/hostname': 'web' })
    expect(await control.readDisk(ref, '/etc/hostname')).toBe('web')
    expect(await control.moveMachine(ref, 'host-2')).toBe('host-2')
    await control.clearFaults()
    expect(await control.faults()).toEqual([])
  })

  it('is told what is wrong with a rule or a deed', async () => {
    const control = createSimulatorControl(await start())
    open.push(control)
    const rule = { method: 'power.on', kind: 'tired' } as unknown as Parameters<typeof control.addFault>[0]
    expect(await failure(control.addFault(rule))).toMatchObject({ code: 'INVALID_INPUT' })
    expect(await failure(control.writeDisk('nobody', {}))).toMatchObject({ code: 'NOT_FOUND' })
  })
})
