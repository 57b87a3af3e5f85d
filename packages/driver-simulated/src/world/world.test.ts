import { isVirtkitError, type Hypervisor, type MachineSpec } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { createSimulatedHypervisor, type SimulatedHypervisor, type WorldOptions } from '../index.ts'

const call = { signal: new AbortController().signal }
const keyed = (key: string) => ({ ...call, key })
const spec = (more: Partial<MachineSpec> = {}): MachineSpec => ({
  name: 'web',
  cpus: 1,
  memoryMiB: 512,
  firmware: 'bios',
  disks: [{ sizeMiB: 1024, provisioning: 'thin' }],
  nics: [],
  placement: {},
  ...more,
})

async function open(world: WorldOptions = {}): Promise<{ simulator: SimulatedHypervisor; hypervisor: Hypervisor }> {
  const simulator = createSimulatedHypervisor({ guests: 'none', world })
  return { simulator, hypervisor: await simulator.driver.connect({ url: 'simulated:' }, call) }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return isVirtkitError(error) ? error.code : `not a VirtkitError: ${String(error)}`
}

async function freeMiB(hypervisor: Hypervisor, name = 'ds-1'): Promise<number> {
  const stores = await hypervisor.inventory.datastores(call)
  return stores.find((store) => store.name === name)?.freeMiB ?? -1
}

describe('a world', () => {
  it('has a sensible default', async () => {
    const { hypervisor } = await open()
    const { inventory } = hypervisor
    const names = (items: readonly { name: string }[]): string[] => items.map((item) => item.name)
    expect(names(await inventory.datacenters(call))).toEqual(['dc-1'])
    expect(names(await inventory.hosts(call))).toEqual(['host-1', 'host-2'])
    expect(names(await inventory.datastores(call))).toEqual(['ds-1', 'ds-2'])
    expect(names(await inventory.networks(call))).toEqual(['lan', 'dmz'])
  })

  it('gives the same refs for the same seed, and others for another', async () => {
    const refs = async (seed: number): Promise<string[]> => {
      const { hypervisor } = await open({ seed })
      const made = ['a', 'b'].map((key) => hypervisor.machines.create(spec(), keyed(key)))
      return (await Promise.all(made)).map((machine) => machine.ref)
    }
    expect(await refs(7)).toEqual(await refs(7))
    expect(await refs(7)).not.toEqual(await refs(8))
  })

  it('refuses names that clash or point nowhere', () => {
    const clash = { hosts: [{ name: 'a' }, { name: 'a' }], networks: [{ name: 'lan', datacenter: 'nowhere' }] }
    expect(() => createSimulatedHypervisor({ world: clash })).toThrow(
      /hosts: a is there twice.*networks: lan is in nowhere/,
    )
  })
})

describe('datastores', () => {
  const world = { datastores: [{ name: 'ds-1', capacityMiB: 10_000 }] }
  const disk = (sizeMiB: number, provisioning: 'thin' | 'thick') => ({ disks: [{ sizeMiB, provisioning }] })

  it('count thick disks fully and thin ones by what they hold', async () => {
    const { hypervisor, simulator } = await open(world)
    const thin = await hypervisor.machines.create(spec(disk(8000, 'thin')), keyed('thin'))
    expect(await freeMiB(hypervisor)).toBe(10_000)
    await hypervisor.machines.create(spec(disk(4000, 'thick')), keyed('thick'))
    expect(await freeMiB(hypervisor)).toBe(6000)
    simulator.world.writeDisk(thin.ref, { '/big': 'x'.repeat(3 * 1024 * 1024) })
    expect(await freeMiB(hypervisor)).toBe(5996)
  })

  it('that are full refuse, and nothing is made', async () => {
    const { hypervisor, simulator } = await open(world)
    expect(await codeOf(hypervisor.machines.create(spec(disk(10_001, 'thin')), keyed('a')))).toBe('DATASTORE_FULL')
    await hypervisor.machines.create(spec(disk(6000, 'thick')), keyed('b'))
    expect(await codeOf(hypervisor.machines.create(spec(disk(6000, 'thick')), keyed('c')))).toBe('DATASTORE_FULL')
    expect(simulator.world.machines()).toHaveLength(1)
  })

  it('have room again when a machine is gone', async () => {
    const { hypervisor } = await open(world)
    const { ref } = await hypervisor.machines.create(spec(disk(6000, 'thick')), keyed('a'))
    await hypervisor.machines.destroy({ ref, key: 'a' }, call)
    expect(await freeMiB(hypervisor)).toBe(10_000)
  })

  it('hold the memory of snapshots, and refuse one that does not fit', async () => {
    const { hypervisor } = await open({ datastores: [{ name: 'ds-1', capacityMiB: 1000 }] })
    const { ref } = await hypervisor.machines.create(spec({ disks: [{ sizeMiB: 900, provisioning: 'thin' }] }), keyed('a'))
    const machine = { ref, key: 'a' }
    await hypervisor.power.on(machine, call)
    const request = { name: 's', description: '', memory: true, quiesce: false }
    await hypervisor.snapshots!.create(machine, request, call)
    expect(await freeMiB(hypervisor)).toBe(1000 - 512)
    expect(await codeOf(hypervisor.snapshots!.create(machine, request, call))).toBe('DATASTORE_FULL')
    expect((await hypervisor.snapshots!.list(ref, call)).snapshots).toHaveLength(1)
  })
})

describe('hosts', () => {
  const hosts = [
    { name: 'small', memoryMiB: 1000 },
    { name: 'large', memoryMiB: 2000, cpus: 4 },
  ]

  it('refuse at creation what no host can ever run', async () => {
    const { hypervisor } = await open({ hosts })
    expect(await codeOf(hypervisor.machines.create(spec({ memoryMiB: 2001 }), keyed('a')))).toBe('HOST_RESOURCES')
    expect(await codeOf(hypervisor.machines.create(spec({ cpus: 33 }), keyed('b')))).toBe('HOST_RESOURCES')
  })

  it('take what fits and refuse, at power on, what does not fit any more', async () => {
    const { hypervisor, simulator } = await open({ hosts })
    const on = async (key: string): Promise<string> => {
      const { ref } = await hypervisor.machines.create(spec({ memoryMiB: 900 }), keyed(key))
      await hypervisor.power.on({ ref, key }, call)
      return (await hypervisor.machines.find(ref, call))?.host ?? ''
    }
    expect([await on('a'), await on('b'), await on('c')].toSorted()).toEqual(['large', 'large', 'small'])
    expect(await codeOf(on('d'))).toBe('HOST_RESOURCES')
    expect(simulator.world.machines().filter((machine) => machine.power === 'on')).toHaveLength(3)
  })

  it('keep a machine that asked for one of them by name', async () => {
    const { hypervisor } = await open({ hosts })
    const pinned = { placement: { host: 'small' }, memoryMiB: 600 }
    for (const key of ['a', 'b']) await hypervisor.machines.create(spec(pinned), keyed(key))
    const [a, b] = await Promise.all(['a', 'b'].map((key) => hypervisor.machines.findByKey(key, call)))
    await hypervisor.power.on({ ref: a!.ref, key: 'a' }, call)
    expect(await codeOf(hypervisor.power.on({ ref: b!.ref, key: 'b' }, call))).toBe('HOST_RESOURCES')
  })

  it('that fail take their machines down, which start elsewhere', async () => {
    const { hypervisor, simulator } = await open({ hosts })
    const { ref } = await hypervisor.machines.create(spec(), keyed('a'))
    await hypervisor.power.on({ ref, key: 'a' }, call)
    simulator.world.setHostOnline('large', false)
    expect(await hypervisor.power.read(ref, call)).toBe('off')
    await hypervisor.power.on({ ref, key: 'a' }, call)
    expect((await hypervisor.machines.find(ref, call))?.host).toBe('small')
  })
})

describe('places', () => {
  const world: WorldOptions = {
    datacenters: ['north', 'south'],
    hosts: [{ name: 'n' }, { name: 's', datacenter: 'south' }],
    datastores: [
      { name: 'shared', writable: false },
      { name: 'isos', holds: ['media'] },
      { name: 'disks', hosts: ['n'] },
      { name: 'far', datacenter: 'south' },
    ],
    networks: [{ name: 'lan' }, { name: 'lan', datacenter: 'south' }, { name: 'only-south', datacenter: 'south' }],
    resourcePools: [],
  }

  it('that nobody names are chosen among those that can take the machine', async () => {
    const { hypervisor } = await open(world)
    const made = await hypervisor.machines.create(spec(), keyed('a'))
    expect(made).toMatchObject({ datacenter: 'north', host: 'n', disks: [{ datastore: 'disks' }] })
    expect(await hypervisor.inventory.defaults(call)).toEqual({ datacenter: 'north', host: 'n', datastore: 'disks' })
  })

  it.each([
    ['a read-only datastore', { placement: { datastore: 'shared' } }, 'datastore'],
    ['a datastore for media only', { placement: { datastore: 'isos' } }, 'datastore'],
    ['a host elsewhere', { placement: { datacenter: 'north', host: 's' } }, 'host'],
    ['a network of another datacenter', { nics: [{ network: 'only-south', mac: '02:00:00:00:00:01' }] }, 'nics[0].network'],
    ['two cards with one address', { nics: twins() }, 'nics[1].mac'],
  ])('that do not fit are refused by name of the field: %s', async (_, more, field) => {
    const { hypervisor } = await open(world)
    const error: unknown = await hypervisor.machines.create(spec(more), keyed('a')).catch((reason: unknown) => reason)
    if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
    expect(error.details.problems.map((problem) => problem.field)).toEqual([field])
  })

  function twins() {
    return ['02:00:00:00:00:01', '02-00-00-00-00-01'].map((mac) => ({ network: 'lan', mac }))
  }
})

describe('guests', () => {
  it('with a system on their disk obey a shutdown; others do not hear', async () => {
    const { simulator, hypervisor } = await open()
    const machine = simulator.world.addMachine({
      name: 'os',
      key: 'os',
      power: 'on',
      files: { '/etc/os-release': 'ID=debian' },
    })
    const blank = simulator.world.addMachine({ name: 'blank', key: 'blank', power: 'on' })
    const owned = { ref: machine.ref, key: 'os' }
    const patience = { timeoutMs: 60_000, fallback: 'none' } as const
    expect(await hypervisor.power.shutdown(owned, patience, call)).toBe('shut-down')
    const impatience = { timeoutMs: 5, fallback: 'off' } as const
    expect(await hypervisor.power.shutdown({ ref: blank.ref, key: 'blank' }, impatience, call)).toBe('forced-off')
  })

  it('settle their files for a snapshot when a system is installed', async () => {
    const { simulator, hypervisor } = await open()
    const request = { name: 's', description: '', memory: false, quiesce: true }
    const answers: string[] = []
    for (const path of ['/etc/os-release', '/elsewhere']) {
      const key = `k${answers.length}`
      const { ref } = simulator.world.addMachine({ name: key, key, power: 'on', files: { [path]: 'ID=debian' } })
      answers.push((await hypervisor.snapshots!.create({ ref, key }, request, call)).quiesce)
    }
    expect(answers).toEqual(['quiesced', 'fell-back'])
  })
})
