import { type Hypervisor, type HypervisorDriver, Secret, type SnapshotTree } from '@virtkit/spi'
import { type DriverTarget, checkDriver, driverCases } from '@virtkit/spi/conformance'
import { expect, it } from 'vitest'
import { AcmeCloud } from '../cloud/acme-cloud.ts'
import { acmeDriver } from '../src/index.ts'
import type { AcmeOptions } from '../src/options.ts'

const cases = driverCases.filter((each) => !each.slow)
const snapshotsOf = ({ snapshots }: Hypervisor): NonNullable<Hypervisor['snapshots']> => {
  if (!snapshots) throw new Error('acme has snapshots')
  return snapshots
}

const mutants: Record<string, (h: Hypervisor) => Partial<Hypervisor>> = {
  'create ignores the key': ({ machines }) => ({
    machines: {
      ...machines,
      create: (spec, call) => machines.create(spec, { ...call, key: `${call.key}${Math.random()}` }),
    },
  }),
  'create makes one cpu too many': ({ machines }) => ({
    machines: { ...machines, create: (spec, call) => machines.create({ ...spec, cpus: spec.cpus + 1 }, call) },
  }),
  'destroy does not look at the mark': ({ machines }) => ({
    machines: {
      ...machines,
      async destroy({ ref }, call) {
        const found = await machines.find(ref, call)
        if (found?.key) await machines.destroy({ ref, key: found.key }, call)
      },
    },
  }),
  'destroy does nothing': ({ machines }) => ({ machines: { ...machines, destroy: async () => {} } }),
  'find throws for what is gone': ({ machines }) => ({
    machines: {
      ...machines,
      async find(ref, call) {
        return (await machines.find(ref, call)) ?? Promise.reject(new Error('gone'))
      },
    },
  }),
  'findByKey finds nothing': ({ machines }) => ({ machines: { ...machines, findByKey: async () => undefined } }),
  'reconfigure forgets the memory': ({ machines }) => ({
    machines: {
      ...machines,
      reconfigure: (machine, change, call) => machines.reconfigure(machine, { ...change, memoryMiB: undefined }, call),
    },
  }),
  'power on does nothing': ({ power }) => ({ power: { ...power, on: async () => {} } }),
  'the list leaves out the last page': ({ inventory }) => ({
    inventory: {
      ...inventory,
      async *machines(options, call) {
        for await (const page of inventory.machines(options, call)) if (page.length === options.pageSize) yield page
      },
    },
  }),
  'signals are not heard': ({ machines }) => ({
    machines: {
      ...machines,
      create: (spec, call) => machines.create(spec, { ...call, signal: new AbortController().signal }),
    },
  }),
  'snapshots have no current': (hypervisor) => ({
    snapshots: {
      ...snapshotsOf(hypervisor),
      list: async (ref, call): Promise<SnapshotTree> => ({
        snapshots: (await snapshotsOf(hypervisor).list(ref, call)).snapshots,
      }),
    },
  }),
  'memory is claimed and not kept': (hypervisor) => ({
    snapshots: {
      ...snapshotsOf(hypervisor),
      supports: { memory: true, quiesce: false, rename: true, updateHardware: false },
      create: (machine, request, call) => snapshotsOf(hypervisor).create(machine, { ...request, memory: false }, call),
    },
  }),
  'reverting forgets to revert': (hypervisor) => ({
    snapshots: { ...snapshotsOf(hypervisor), revert: async () => {} },
  }),
}

it.each(Object.entries(mutants))('a driver is found out in which %s', async (_, mutate) => {
  const report = await checkDriver(targetOf(new AcmeCloud('token'), mutate), { cases, bail: true })
  expect(report.ok).toBe(false)
  expect(report.failed).toBe(1)
})

it('the driver in which nothing is broken passes the same cases, and leaves nothing behind', async () => {
  const cloud = new AcmeCloud('token')
  const report = await checkDriver(
    targetOf(cloud, () => ({})),
    { cases },
  )
  expect(report.results.filter((result) => result.status === 'failed')).toEqual([])
  expect(report.ok).toBe(true)
  expect(report.passed).toBeGreaterThan(100)
  expect(cloud.instances.size).toBe(0)
  expect(cloud.sessions).toBe(0)
})

function targetOf(cloud: AcmeCloud, mutate: (hypervisor: Hypervisor) => Partial<Hypervisor>): DriverTarget {
  const acme = acmeDriver(() => cloud)
  const driver: HypervisorDriver<AcmeOptions> = {
    ...acme,
    async connect(options, call) {
      const hypervisor = await acme.connect(options, call)
      return { ...hypervisor, ...mutate(hypervisor) }
    },
  }
  return { driver, options: { url: 'acme://lab', password: new Secret('token') } }
}
