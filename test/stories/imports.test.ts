import { type ImportedMachine, type VirtkitError, createVirtkit } from '@virtkit/core'
import type { Hypervisor, MachineInfo, MachineSpec } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { describe, expect, it, vi } from 'vitest'
import { type Lab, encryption, openLab } from './lab.ts'

const call = { signal: new AbortController().signal }
const disk = (sizeMiB: number) => ({ sizeMiB, provisioning: 'thin' as const })

const foreign = (
  lab: Lab,
  name: string,
  more: Partial<MachineSpec> & { files?: Record<string, string> } = {},
): MachineInfo => lab.simulator.world.addMachine({ name, cpus: 2, memoryMiB: 1024, disks: [disk(10_240)], ...more })

const session = (lab: Lab): Promise<Hypervisor> => lab.simulator.driver.connect({ url: lab.simulator.url }, call)

const seen = (results: readonly ImportedMachine[]): readonly unknown[] =>
  results.map((each) => [each.name, each.status === 'refused' ? each.error.code : each.status])

const keyOf = (result: ImportedMachine | undefined): number => {
  if (!result || result.status === 'refused') throw result?.error ?? new Error('nothing was imported')
  return result.machine.key
}

/** A guest that comes up with this address. */
const withAddress = (mac: string, address: string) => ({
  nics: [{ network: 'lan', mac }],
  files: {
    '/etc/os-release': 'ID=somebodys\n',
    '/etc/network/interfaces': `iface ${mac} inet static\n  address ${address}/24\n`,
  },
})

const boot = async (lab: Lab, { ref }: MachineInfo): Promise<void> => {
  const { guest, power, machines } = await session(lab)
  await machines.mark(ref, { ...call, key: 'somebody' })
  await power.on({ ref, key: 'somebody' }, call)
  await machines.unmark({ ref, key: 'somebody' }, call)
  await vi.waitFor(async () => expect(await guest?.addresses(ref, call)).not.toEqual([]), { timeout: 10_000 })
}

eachDatabase((db) => {
  describe('import', () => {
    it('takes a machine over as it is: charged in full, marked, its cards and addresses in the book', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group, network, simulator } = lab
      const mac = '02:00:00:00:00:01'
      const erp = foreign(lab, 'ERP (old)', { disks: [disk(10_240), disk(5120)], ...withAddress(mac, '10.20.0.200') })
      await boot(lab, erp)
      expect(await kit.machines.listImportable(cluster)).toMatchObject([
        { name: 'ERP (old)', ref: erp.ref, power: 'on', cpus: 2, memoryMiB: 1024, diskMiB: 15_360, networks: ['lan'] },
      ])

      const results = await kit.machines.import(cluster, { names: ['ERP (old)'], owner: group })
      expect(seen(results)).toEqual([['ERP (old)', 'imported']])
      const key = keyOf(results[0])
      expect(await kit.machines.get(key)).toMatchObject({
        state: 'deployed',
        owner: group,
        os: 'other',
        diskMiB: 15_360,
        placedDatastore: 'ds-1',
        networks: [{ network, mac, ip: '10.20.0.200' }],
      })
      expect(await kit.networks.addresses(network)).toMatchObject([{ address: '10.20.0.200', state: 'used' }])
      expect((await kit.contingents.ofGroup(group))?.used).toEqual({ vm: 1, cpu: 2, memory: 1024, disk: 15_360 })
      expect(await kit.contingents.verify()).toEqual([])
      expect(await kit.machines.compare(key)).toEqual([])
      // Nothing but the mark is new on the hypervisor.
      const [now] = simulator.world.machines()
      expect(now).toEqual({ ...now, ...erp, power: 'on', key: now?.key })
      expect(now?.key).toMatch(/^virtkit:/)
    })

    it('what has drifted since is told, field by field', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group, simulator } = lab
      const { ref } = foreign(lab, 'erp')
      const key = keyOf((await kit.machines.import(cluster, { names: ['erp'], owner: group }))[0])
      const { machines } = await session(lab)
      const owned = { ref, key: simulator.world.machines()[0]?.key ?? '' }
      await machines.reconfigure(owned, { cpus: 4, name: 'erp-2' }, call)
      expect(await kit.machines.compare(key)).toEqual([
        { field: 'name', paper: 'erp', hypervisor: 'erp-2' },
        { field: 'cpus', paper: '2', hypervisor: '4' },
      ])
      await machines.unmark(owned, call)
      expect(await kit.machines.compare(key)).toContainEqual({ field: 'mark', paper: 'ours', hypervisor: 'none' })
      simulator.world.removeMachine(ref)
      expect(await kit.machines.compare(key)).toEqual([{ field: 'existence', paper: 'there', hypervisor: 'gone' }])
    })

    it('refuses machine by machine, each with its reason, and the rest is imported', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group, network, simulator } = lab
      const mac = '02:00:00:00:00:02'
      await lab.machine('web', { cpus: 1, networks: [{ network, ip: '10.20.0.50', mac }] })
      const taken = foreign(lab, 'same-address', withAddress('02:00:00:00:00:03', '10.20.0.50'))
      await boot(lab, taken)
      foreign(lab, 'web')
      foreign(lab, 'same-mac', { nics: [{ network: 'lan', mac }] })
      foreign(lab, 'twice')
      foreign(lab, 'twice')
      simulator.world.addMachine({ name: 'template', isTemplate: true })
      simulator.world.addMachine({ name: 'theirs', key: 'virtkit:another:1' })
      foreign(lab, 'huge', { cpus: 16, memoryMiB: 16_384 })
      foreign(lab, 'fine')
      const names = ['web', 'same-mac', 'same-address', 'twice', 'template', 'theirs', 'huge', 'fine', 'nowhere']
      const marks = new Map(simulator.world.machines().map(({ ref, key }) => [ref, key]))

      const results = await kit.machines.import(cluster, { names, owner: group })
      expect(seen(results)).toEqual([
        ['web', 'CONFLICT'],
        ['same-mac', 'CONFLICT'],
        ['same-address', 'ADDRESS_TAKEN'],
        ['twice', 'CONFLICT'],
        ['template', 'CONFLICT'],
        ['theirs', 'NOT_OURS'],
        ['huge', 'CONTINGENT_EXCEEDED'],
        ['fine', 'imported'],
        ['nowhere', 'NOT_FOUND'],
      ])
      const huge = results[6] as { error: VirtkitError<'CONTINGENT_EXCEEDED'> }
      expect(huge.error.details.blocking.map(({ dimension }) => dimension)).toEqual(['cpu', 'memory'])
      for (const { ref, name, key } of simulator.world.machines()) {
        if (name !== 'fine') expect([name, key]).toEqual([name, marks.get(ref)])
      }
      expect((await kit.machines.list()).map(({ name }) => name)).toEqual(['web', 'fine'])
      expect(await kit.networks.addresses(network)).toHaveLength(1)
      expect(await kit.contingents.verify()).toEqual([])
    })

    it('again is no effect; everything that carries no mark is found with all', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group } = lab
      foreign(lab, 'a')
      foreign(lab, 'b')
      expect(seen(await kit.machines.import(cluster, { names: ['a'], owner: group }))).toEqual([['a', 'imported']])
      expect(seen(await kit.machines.import(cluster, { names: 'all', owner: group }))).toEqual([['b', 'imported']])
      expect(seen(await kit.machines.import(cluster, { names: ['a', 'b'], owner: group }))).toEqual([
        ['a', 'present'],
        ['b', 'present'],
      ])
      const other = await kit.groups.add({ name: 'team-b' })
      expect(seen(await kit.machines.import(cluster, { names: ['a'], owner: other.key }))).toEqual([['a', 'CONFLICT']])
      expect((await kit.contingents.ofGroup(group))?.used.vm).toBe(2)
    })

    it('imported by two at once, a machine is charged once', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group } = lab
      foreign(lab, 'a')
      const both = await Promise.all([1, 2].map(() => kit.machines.import(cluster, { names: ['a'], owner: group })))
      const statuses = both.flat().map((each) => (each.status === 'refused' ? each.error.code : each.status))
      expect(statuses.filter((each) => each === 'imported')).toHaveLength(1)
      expect((await kit.contingents.ofGroup(group))?.used.vm).toBe(1)
      expect(await kit.contingents.verify()).toEqual([])
    })

    it('a machine that refuses its mark is forgotten again, with all that it was charged', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group, simulator } = lab
      foreign(lab, 'a', { nics: [{ network: 'lan', mac: '02:00:00:00:00:04' }] })
      simulator.faults.add({ method: 'machines.mark', kind: 'refused', times: 1 })
      expect(seen(await kit.machines.import(cluster, { names: ['a'], owner: group }))).toEqual([
        ['a', 'HYPERVISOR_REFUSED'],
      ])
      expect(await kit.machines.list()).toEqual([])
      expect(simulator.world.machines()[0]?.key).toBeUndefined()
      expect((await kit.contingents.ofGroup(group))?.used.vm).toBe(0)
      expect(seen(await kit.machines.import(cluster, { names: ['a'], owner: group }))).toEqual([['a', 'imported']])
    })

    it('a mark whose answer was lost is put on once', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group, simulator } = lab
      foreign(lab, 'a')
      simulator.faults.add({ method: 'machines.mark', kind: 'answer-lost', times: 1 })
      const [result] = await kit.machines.import(cluster, { names: ['a'], owner: group })
      expect(await kit.machines.compare(keyOf(result))).toEqual([])
    })

    it('what a process left half-way, another brings to its end', async () => {
      const database = await db.options()
      await using lab = await openLab(database, { operations: { work: false, pollMs: 100 } })
      const { kit, cluster, group, simulator } = lab
      foreign(lab, 'a')
      // Nobody works here: accepted, and then this process might as well be dead.
      const dying = kit.machines.import(cluster, { names: ['a'], owner: group })
      await vi.waitFor(async () => expect(await kit.machines.list({ state: 'importing' })).toHaveLength(1), 10_000)
      expect(simulator.world.machines()[0]?.key).toBeUndefined()
      const [half] = await kit.machines.list()
      await expect(kit.machines.update(half!.key, { cpus: 1 })).rejects.toMatchObject({ code: 'CONFLICT' })
      await expect(kit.machines.remove(half!.key)).rejects.toMatchObject({ code: 'CONFLICT' })

      await using successor = await createVirtkit({ database, encryption, drivers: [simulator.driver] })
      expect(seen(await successor.machines.import(cluster, { names: ['a'], owner: group }))).toEqual([['a', 'present']])
      expect(await successor.machines.compare(half!.key)).toEqual([])
      expect(seen(await dying)).toEqual([['a', 'imported']])
    })

    it('an imported machine is resized and deleted like any other', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group, simulator } = lab
      foreign(lab, 'a', { disks: [disk(10_240), disk(5120)] })
      const key = keyOf((await kit.machines.import(cluster, { names: ['a'], owner: group }))[0])
      await kit.machines.update(key, { cpus: 3, diskMiB: 20_480 })
      expect(simulator.world.machines()[0]?.disks.map(({ sizeMiB }) => sizeMiB)).toEqual([15_360, 5120])
      expect(await kit.machines.compare(key)).toEqual([])
      expect((await kit.contingents.ofGroup(group))?.used).toEqual({ vm: 1, cpu: 3, memory: 1024, disk: 20_480 })
      const { id } = await kit.machines.remove(key)
      expect((await kit.operations.wait(id)).state).toBe('succeeded')
      expect(simulator.world.machines()).toEqual([])
      expect((await kit.contingents.ofGroup(group))?.used).toEqual({ vm: 0, cpu: 0, memory: 0, disk: 0 })
    })

    it('is for those who may: not for users, and not for foreign groups', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group } = lab
      foreign(lab, 'a')
      const actor = (permissions: string[], groups: number[]) => ({
        actor: { kind: 'user' as const, user: 1, name: 'ada', permissions: new Set(permissions), groups },
      })
      const wanted = { names: ['a'], owner: group }
      await expect(kit.machines.import(cluster, wanted, actor(['machines:write'], [group]))).rejects.toMatchObject({
        code: 'FORBIDDEN',
        details: { permission: 'machines:import' },
      })
      const operator = ['machines:import', 'clusters:read', 'machines:read']
      await expect(kit.machines.import(cluster, wanted, actor(operator, [group + 1]))).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
      expect(seen(await kit.machines.import(cluster, wanted, actor(operator, [group])))).toEqual([['a', 'imported']])
    })
  })

  describe('a cluster read from its hypervisor', () => {
    it('has the networks of the hypervisor; one that is new counts as DHCP until somebody says more', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, network } = lab
      const gone = await kit.networks.add({ name: 'old', cluster, dhcp: true })
      const status = await kit.clusters.syncNetworks(cluster)
      const dmz = await kit.networks.find(cluster, 'dmz')
      expect(status).toEqual([
        { key: network, name: 'lan', status: 'present' },
        { key: gone.key, name: 'old', status: 'vanished' },
        { key: dmz?.key, name: 'dmz', status: 'created' },
      ])
      expect(dmz).toMatchObject({ dhcp: true })
      expect((await kit.clusters.syncNetworks(cluster)).map((each) => each.status)).toEqual([
        'present',
        'vanished',
        'present',
      ])
      await kit.networks.update(dmz!.key, { name: 'dmz', cluster, cidr: '10.30.0.0/24' })
      expect(await kit.networks.predictAddress(dmz!.key)).toBe('10.30.0.1')
    })

    it('has the defaults of the hypervisor; those that another cluster shares are left alone', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, simulator } = lab
      const told = { datacenter: 'dc-1', resourcePool: 'pool-1', host: 'host-1', datastore: 'ds-1' }
      const { key, ...first } = await kit.clusters.synchronize(cluster)
      expect(first).toEqual(told)
      expect((await kit.clusters.get(cluster)).defaultsKey).toBe(key)
      expect(await kit.clusters.synchronize(cluster)).toEqual({ key, ...told })

      const shared = await kit.clusterDefaults.add({ datastore: 'ds-2' })
      const credentials = { name: 'more', url: simulator.url }
      const another = await kit.clusters.add({ name: 'lab-2', type: 'simulated', credentials, defaults: shared.key })
      await kit.clusters.update(cluster, { defaultsKey: shared.key })
      const own = await kit.clusters.synchronize(another.key)
      expect(own.key).not.toBe(shared.key)
      expect(await kit.clusterDefaults.get(shared.key)).toEqual({ key: shared.key, datastore: 'ds-2' })
    })
  })
})
