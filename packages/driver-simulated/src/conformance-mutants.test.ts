import type { Call, Hypervisor, HypervisorDriver, KeyedCall, MediumUpload } from '@virtkit/spi'
import { type DriverTarget, checkDriver, driverCases } from '@virtkit/spi/conformance'
import { describe, expect, it } from 'vitest'
import { type SimulatedOptions, createSimulatedHypervisor } from './index.ts'

type Facets = Required<Omit<Hypervisor, 'about' | typeof Symbol.asyncDispose>>
type Facet = keyof Facets
/** The same facets with something broken, from the whole ones. */
type Break = (whole: Facets) => { readonly [F in Facet]?: Partial<Facets[F]> }

const nothing = async (): Promise<void> => undefined

/** What a careless driver has opened and forgotten. */
const forgotten: object[] = []

/** Every method of every facet, broken in a way that a careless author might have written. */
const mutants: Readonly<Record<string, Break>> = {
  'inventory.defaults: names a datastore that is not there': () => ({
    inventory: { defaults: async () => ({ datastore: 'default' }) },
  }),
  'inventory.datacenters: lists none': () => ({ inventory: { datacenters: async () => [] } }),
  'inventory.hosts: counts all memory as free': ({ inventory }) => ({
    inventory: {
      hosts: async (call) => (await inventory.hosts(call)).map((host) => ({ ...host, freeMemoryMiB: host.memoryMiB })),
    },
  }),
  'inventory.resourcePools: lists the same one twice': ({ inventory }) => ({
    inventory: {
      resourcePools: async (call) => [1, 2].flatMap(() => [{ name: 'pool-1' }]).concat(await inventory.resourcePools(call)),
    },
  }),
  'inventory.datastores: counts everything as free': ({ inventory }) => ({
    inventory: {
      datastores: async (call) => (await inventory.datastores(call)).map((one) => ({ ...one, freeMiB: one.capacityMiB })),
    },
  }),
  'inventory.networks: lists one that no machine can be put on': () => ({
    inventory: { networks: async () => [{ name: 'nowhere', kind: 'bridge' }] },
  }),
  'inventory.machines: answers the first page only': ({ inventory }) => ({
    inventory: {
      machines: async function* (options, call) {
        for await (const page of inventory.machines(options, call)) return yield page
      },
    },
  }),
  'machines.create: makes another machine for the same key': ({ machines }) => ({
    machines: {
      create: async (spec, call) => {
        const made = await machines.findByKey(call.key, call)
        if (made) await machines.unmark({ ref: made.ref, key: call.key }, call)
        return machines.create(spec, call)
      },
    },
  }),
  'machines.find: takes an unknown ref for an error': ({ machines, power }) => ({
    machines: { find: async (ref, call) => (await power.read(ref, call)) && machines.find(ref, call) },
  }),
  'machines.findByKey: overlooks machines that run': ({ machines }) => ({
    machines: {
      findByKey: async (key, call) => {
        const found = await machines.findByKey(key, call)
        return found?.power === 'on' ? undefined : found
      },
    },
  }),
  'machines.mark: takes over a machine of somebody else': ({ machines }) => ({
    machines: {
      mark: async (ref, call) => {
        const machine = await machines.find(ref, call)
        if (machine?.key !== undefined) await machines.unmark({ ref, key: machine.key }, call)
        return machines.mark(ref, call)
      },
    },
  }),
  'machines.unmark: does nothing': () => ({ machines: { unmark: nothing } }),
  'machines.reconfigure: loses the network cards': ({ machines }) => ({
    machines: { reconfigure: (machine, change, call) => machines.reconfigure(machine, without(change, 'nics'), call) },
  }),
  'machines.destroy: does not look at the mark': ({ machines }) => ({
    machines: {
      destroy: async ({ ref, key }, call) => {
        const found = await machines.find(ref, call)
        return machines.destroy({ ref, key: found?.key ?? key }, call)
      },
    },
  }),
  'power.read: always says off': () => ({ power: { read: async () => 'off' } }),
  'power.on: does nothing': () => ({ power: { on: nothing } }),
  'power.off: fails on a machine that is off': ({ power }) => ({
    power: {
      off: async (machine, call) => {
        if ((await power.read(machine.ref, call)) === 'off') throw new Error('already off')
        return power.off(machine, call)
      },
    },
  }),
  'power.shutdown: says so and leaves the machine on': () => ({ power: { shutdown: async () => 'shut-down' } }),
  'media.upload: keeps a name that leads elsewhere': ({ media }) => ({
    media: { upload: (image, call) => media.upload({ ...image, name: image.name.replaceAll(/[^a-z0-9.]/gi, '-') }, call) },
  }),
  'media.upload: loses the last bytes': ({ media }) => ({
    media: { upload: (image, call) => media.upload(shortened(image), call) },
  }),
  'media.find: does not find': () => ({ media: { find: async () => undefined } }),
  'media.remove: does nothing': () => ({ media: { remove: nothing } }),
  'media.insert: does nothing': () => ({ media: { insert: nothing } }),
  'media.eject: does nothing': () => ({ media: { eject: nothing } }),
  'console.tail: tells line ends': ({ console }) => ({
    console: { tail: async (ref, call) => [...(await console.tail(ref, call)), 'a line\n'] },
  }),
  'console.tail: knows nothing of unknown machines': ({ console }) => ({
    console: { tail: (ref, call) => console.tail(ref, call).catch(() => []) },
  }),
  'guest.addresses: knows nothing of unknown machines': ({ guest }) => ({
    guest: { addresses: (ref, call) => guest.addresses(ref, call).catch(() => []) },
  }),
  'snapshots.list: forgets parents': ({ snapshots }) => ({
    snapshots: {
      list: async (ref, call) => {
        const tree = await snapshots.list(ref, call)
        return { ...tree, snapshots: tree.snapshots.map((snapshot) => without(snapshot, 'parent')) }
      },
    },
  }),
  'snapshots.create: keeps plain letters only': ({ snapshots }) => ({
    snapshots: {
      create: (machine, request, call) =>
        snapshots.create(machine, { ...request, name: request.name.replaceAll(/[^ -~]/g, '?') }, call),
    },
  }),
  'snapshots.rename: forgets the description': ({ snapshots }) => ({
    snapshots: {
      rename: (machine, id, change, call) => snapshots.rename(machine, id, { description: '', ...change }, call),
    },
  }),
  'snapshots.revert: does nothing': () => ({ snapshots: { revert: nothing } }),
  'snapshots.remove: takes the children along': ({ snapshots }) => ({
    snapshots: { remove: (machine, id, _, call) => snapshots.remove(machine, id, { children: true }, call) },
  }),
  'snapshots.updateHardware: does nothing': () => ({ snapshots: { updateHardware: nothing } }),
  'templates.list: lists machines as well': ({ inventory }) => ({
    templates: {
      list: async (call) => {
        for await (const page of inventory.machines({ pageSize: 1000 }, call)) return page
        return []
      },
    },
  }),
  'templates.register: does nothing': () => ({ templates: { register: nothing } }),
  'templates.clone: makes another machine for the same key': ({ templates, machines }) => ({
    templates: {
      clone: async (template, spec, call) => {
        const made = await machines.findByKey(call.key, call)
        if (made) await machines.unmark({ ref: made.ref, key: call.key }, call)
        return templates.clone(template, spec, call)
      },
    },
  }),
  'watch.changes: begins anew whatever the cursor': ({ watch }) => ({
    watch: { changes: (_, call) => watch.changes({}, call) },
  }),
  'watch.changes: leaves a handle open with each watch': ({ watch }) => ({
    watch: {
      changes: (options, call) => {
        forgotten.push(call)
        return watch.changes(options, call)
      },
    },
  }),
  'privileges.missing: fails with an error of its own': () => ({
    privileges: { missing: () => Promise.reject(new Error('no such privilege')) },
  }),
  'every call: ignores the abort': (whole) => deaf(whole),
}

describe('a driver with one method broken is found out', () => {
  it('and the whole one is not', async () => {
    const report = await check(() => ({}), '')
    expect(report.results.filter((result) => result.status === 'failed')).toEqual([])
    expect(report.passed).toBeGreaterThan(60)
  })

  it.each(Object.entries(mutants))('%s', async (name, broken) => {
    const report = await check(broken, name)
    expect(report.failed, 'nobody noticed').toBeGreaterThan(0)
  })
})

async function check(broken: Break, name: string): Promise<Awaited<ReturnType<typeof checkDriver>>> {
  const simulator = createSimulatedHypervisor({ guests: 'none', shutdownMs: 20 })
  const { world, faults, url } = simulator
  const target: DriverTarget = {
    driver: mutate(simulator.driver, broken),
    options: { url },
    caseTimeoutMs: 5000,
    openHandles: () => world.summary().sessions + forgotten.length,
    disk: {
      write: async (ref, text) => world.writeDisk(ref, { '/conformance': text }),
      read: async (ref) => world.readDisk(ref, '/conformance'),
    },
    memory: {
      write: async (ref, text) => world.writeMemory(ref, 'conformance', text),
      read: async (ref) => world.readMemory(ref, 'conformance'),
    },
    readMedium: async (ref) => (await world.readMedium(ref)) ?? new Uint8Array(),
    loseNextAnswer: (method) => void faults.add({ method, kind: 'answer-lost', times: 1 }),
    hangNextCall: (method) => ({ hanging: faults.add({ method, kind: 'hang', times: 1 }).fired }),
  }
  try {
    // Cases are independent of each other: those of the broken facet first, so that it is found out soon.
    const facet = name.split('.')[0] ?? ''
    const own = (id: string): number => (facet !== '' && id.startsWith(facet.slice(0, 5)) ? 0 : 1)
    const cases = driverCases.toSorted((a, b) => own(a.id) - own(b.id))
    return await checkDriver(target, { bail: true, cases })
  } finally {
    await simulator.close()
  }
}

function mutate(driver: HypervisorDriver<SimulatedOptions>, broken: Break): HypervisorDriver<SimulatedOptions> {
  return {
    ...driver,
    connect: async (options, call) => {
      const whole = await driver.connect(options, call)
      const { inventory, machines, power, media, guest, console, snapshots, templates, watch, privileges } = whole
      const facets: Facets = {
        inventory,
        machines,
        power,
        media: media!,
        guest: guest!,
        console: console!,
        snapshots: snapshots!,
        templates: templates!,
        watch: watch!,
        privileges: privileges!,
      }
      const worse = Object.entries(broken(facets)).map(([facet, methods]) => [
        facet,
        { ...facets[facet as Facet], ...methods },
      ])
      return { ...whole, ...Object.fromEntries(worse) }
    },
  }
}

function shortened(image: MediumUpload): MediumUpload {
  return {
    ...image,
    sizeBytes: image.sizeBytes - 1,
    content: async function* () {
      let left = image.sizeBytes - 1
      for await (const chunk of image.content()) {
        yield chunk.subarray(0, left)
        left -= Math.min(left, chunk.byteLength)
      }
    },
  }
}

function without<T extends object, K extends keyof T>(value: T, field: K): Omit<T, K> {
  const { [field]: _left, ...rest } = value
  return rest
}

/** `machines.create` and `power.on` that hear no abort. */
function deaf({ machines, power }: Facets): ReturnType<Break> {
  const { signal } = new AbortController()
  const unheard = <C extends Call | KeyedCall>(call: C): C => ({ ...call, signal })
  return {
    machines: { create: (spec, call) => machines.create(spec, unheard(call)) },
    power: { on: (machine, call) => power.on(machine, unheard(call)) },
  }
}
