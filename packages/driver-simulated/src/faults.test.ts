import { isVirtkitError, type KeyedCall, type MachineSpec } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { createSimulatedHypervisor, createVirtualClock, type SimulatedHypervisorOptions } from './index.ts'

const spec: MachineSpec = {
  name: 'web',
  cpus: 1,
  memoryMiB: 512,
  firmware: 'bios',
  disks: [{ sizeMiB: 1024, provisioning: 'thin' }],
  nics: [],
  placement: {},
}

async function open(options: SimulatedHypervisorOptions = {}) {
  const simulator = createSimulatedHypervisor({ guests: 'none', ...options })
  const hypervisor = await simulator.driver.connect({ url: 'simulated:' }, { signal: never() })
  return { ...simulator, hypervisor }
}

const never = (): AbortSignal => new AbortController().signal
const keyed = (key: string, signal = never()): KeyedCall => ({ key, signal })

async function failure(promise: Promise<unknown>): Promise<{ code: string; outcome: string }> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isVirtkitError(error)) throw new Error('it did not fail as it should')
  return { code: error.code, outcome: error.outcome }
}

describe('faults', () => {
  it('that refuse leave nothing behind', async () => {
    const { hypervisor, faults, world } = await open()
    for (const [kind, code] of [
      ['refused', 'HYPERVISOR_REFUSED'],
      ['busy', 'HYPERVISOR_BUSY'],
      ['gone', 'HYPERVISOR_UNAVAILABLE'],
    ] as const) {
      faults.add({ method: 'machines.create', kind, times: 1 })
      expect(await failure(hypervisor.machines.create(spec, keyed('k')))).toEqual({ code, outcome: 'did-not-happen' })
    }
    expect(world.machines()).toEqual([])
    expect((await hypervisor.machines.create(spec, keyed('k'))).name).toBe('web')
  })

  it('that lose the answer have done the work', async () => {
    const { hypervisor, faults, world } = await open()
    faults.add({ method: 'machines.create', kind: 'answer-lost', times: 1 })
    const lost = await failure(hypervisor.machines.create(spec, keyed('k')))
    expect(lost).toEqual({ code: 'HYPERVISOR_UNAVAILABLE', outcome: 'unknown' })
    const again = await hypervisor.machines.create(spec, keyed('k'))
    expect(world.machines().map((machine) => machine.ref)).toEqual([again.ref])
  })

  it('let calls pass first, happen so often, and are counted', async () => {
    const { hypervisor, faults } = await open()
    const { fired } = faults.add({ method: 'power.read', kind: 'refused', after: 1, times: 2 })
    const { ref } = await hypervisor.machines.create(spec, keyed('k'))
    const read = async (): Promise<string> =>
      hypervisor.power.read(ref, { signal: never() }).catch((error: { code: string }) => error.code)
    const answers = [await read(), await read(), await read(), await read()]
    expect(answers).toEqual(['off', 'HYPERVISOR_REFUSED', 'HYPERVISOR_REFUSED', 'off'])
    await fired
    expect(faults.list()).toMatchObject([{ method: 'power.read', fired: 2 }])
  })

  it('can be meant for one machine only, and be taken away', async () => {
    const { hypervisor, faults } = await open()
    const { id } = faults.add({ method: '*', kind: 'refused', match: { key: 'bad' } })
    await hypervisor.machines.create(spec, keyed('good'))
    expect(await failure(hypervisor.machines.create(spec, keyed('bad')))).toMatchObject({ code: 'HYPERVISOR_REFUSED' })
    faults.remove(id)
    await hypervisor.machines.create(spec, keyed('bad'))
    expect(faults.list()).toEqual([])
  })

  it('that hang are ended by an abort, which tells whether the work was done', async () => {
    for (const [done, outcome, count] of [
      [false, 'did-not-happen', 0],
      [true, 'unknown', 1],
    ] as const) {
      const { hypervisor, faults, world } = await open()
      const { fired } = faults.add({ method: 'machines.create', kind: 'hang', done })
      const abort = new AbortController()
      const made = failure(hypervisor.machines.create(spec, keyed('k', abort.signal)))
      await fired
      // The work itself is done in the turns that follow.
      await new Promise((resolve) => setImmediate(resolve))
      abort.abort()
      expect(await made).toEqual({ code: 'CANCELLED', outcome })
      expect(world.machines()).toHaveLength(count)
    }
  })

  it('can meet those who connect', async () => {
    const { driver, faults, world } = await open()
    faults.add({ method: 'connect', kind: 'gone', times: 1 })
    const connect = driver.connect({ url: 'simulated:' }, { signal: never() })
    expect(await failure(connect)).toEqual({ code: 'HYPERVISOR_UNAVAILABLE', outcome: 'did-not-happen' })
    expect(world.summary().sessions).toBe(1)
  })
})

describe('time and counting', () => {
  it('slow calls and latency pass on the clock, and their jitter follows from the seed', async () => {
    const durations = async (seed: number): Promise<number[]> => {
      const clock = createVirtualClock()
      const latency = { 'machines.create': { fromMs: 100, toMs: 900 }, 'machines.find': 50 }
      const { hypervisor, faults } = await open({ clock, latency, world: { seed } })
      faults.add({ method: 'machines.find', kind: 'slow', ms: 3_600_000, times: 1 })
      const took: number[] = []
      for (const work of [
        () => hypervisor.machines.create(spec, keyed('a')),
        () => hypervisor.machines.create(spec, keyed('b')),
        () => hypervisor.machines.find('x', { signal: never() }),
        () => hypervisor.machines.find('x', { signal: never() }),
      ]) {
        const from = clock.now()
        await work()
        took.push(clock.now() - from)
      }
      return took
    }
    const [first, again, other] = [await durations(1), await durations(1), await durations(2)]
    expect(first.slice(2)).toEqual([3_600_050, 50])
    expect(again).toEqual(first)
    expect(other.slice(0, 2)).not.toEqual(first.slice(0, 2))
  })

  it('calls are counted by method, with how many ran at once', async () => {
    const clock = createVirtualClock()
    const { hypervisor, calls } = await open({ clock, latency: { '*': 10 } })
    await Promise.all(['a', 'b', 'c'].map((key) => hypervisor.machines.create(spec, keyed(key))))
    await hypervisor.machines.findByKey('a', { signal: never() })
    expect(calls.count('machines.create')).toBe(3)
    expect(calls.peak('machines.create')).toBe(3)
    expect(calls.count('machines.findByKey')).toBe(1)
    calls.reset()
    expect(calls.count()).toBe(0)
  })
})
