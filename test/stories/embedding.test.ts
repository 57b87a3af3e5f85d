import { setTimeout as pause } from 'node:timers/promises'
import { createVirtkit } from '@virtkit/core'
import { tokens } from '@virtkit/core/inversify'
import { createSimulatedHypervisor } from '@virtkit/driver-simulated'
import { eachDatabase } from '@virtkit/test-databases'
import { ContainerModule } from 'inversify'
import { expect, it } from 'vitest'
import { bootServer, encryption, openLab } from './lab.ts'

eachDatabase((db) => {
  it('a host brings its own address book through the container', async () => {
    // ownAddresses {
    const ownIpam = new ContainerModule(({ rebind }) => {
      rebind(tokens.Addresses).toConstantValue({
        allocate: async (_queries, { owner }) => `10.20.0.${100 + Number(owner.split('/')[1])}`,
        release: async () => {},
        predict: async () => '10.20.0.101',
        list: async () => [],
        replan: async () => {},
      })
    })
    await using lab = await openLab(await db.options(), { modules: [ownIpam] })
    // }
    const key = await lab.machine('web-1')
    expect((await lab.kit.machines.get(key)).networks[0]?.ip).toMatch(/^10\.20\.0\.10[1-9]$/)
  })

  it('two kits in one process on two databases do not see each other', async () => {
    const simulator = createSimulatedHypervisor({ guests: 'none' })
    const open = async (name: string) =>
      createVirtkit({ database: await db.options(name), encryption, drivers: [simulator.driver] })
    await using one = await open('one')
    await using two = await open('two')
    const seen: string[] = []
    two.events.on('*', (event) => seen.push(event.type))

    const input = { name: 'lab', type: 'simulated', credentials: { url: simulator.url } }
    const cluster = await one.clusters.add(input)
    await one.groups.add({ name: 'team', clusters: [cluster.key] })
    expect(await two.clusters.list()).toEqual([])
    expect(await two.groups.list()).toEqual([])
    // The same names and keys are free in the other.
    expect((await two.clusters.add(input)).key).toBe(cluster.key)
    expect(one.installation).not.toBe(two.installation)
    await one.close()
    expect((await two.clusters.check(cluster.key)).product).toBeTruthy()
    await expect.poll(() => seen).toContain('cluster.created')
    expect(seen.filter((type) => type === 'group.created')).toEqual([])
    await simulator.close()
  })

  it('machines of another kit on the same hypervisor are not ours', async () => {
    const location = await db.options('one')
    await using lab = await openLab(location, { simulator: { guests: 'none' } })
    await using other = await createVirtkit({
      database: await db.options('two'),
      encryption,
      drivers: [lab.simulator.driver],
    })
    expect(other.installation).not.toBe(lab.kit.installation)
    lab.simulator.world.addMachine({ name: 'theirs', key: `virtkit:${other.installation.slice(0, 8)}:x` })
    const key = await lab.machine('theirs')
    const { id } = await lab.kit.machines.remove(key)
    expect((await lab.kit.operations.wait(id)).state).toBe('succeeded')
    expect(lab.simulator.world.summary().machines.map((machine) => machine.name)).toEqual(['theirs'])
  })

  it('what is written in the host’s own transaction is committed with it, or not at all', async () => {
    await using lab = await openLab(await db.options())
    const { kit } = lab
    const create = (name: string) => ({
      name,
      owner: lab.group,
      cluster: lab.cluster,
      os: 'debian-12',
      cpus: 2,
      memoryMiB: 2048,
      diskMiB: 20_480,
      networks: [{ network: lab.network }],
    })
    const roll = kit.database.queries.transaction().execute(async (transaction) => {
      const own = kit.within(transaction)
      const machine = await own.machines.create(create('gone'))
      await own.installs.start(machine.key)
      throw new Error('the host changed its mind')
    })
    await expect(roll).rejects.toThrow('changed its mind')
    expect(await kit.machines.list()).toEqual([])
    expect(await kit.operations.list()).toEqual([])
    expect((await kit.contingents.ofGroup(lab.group))?.used.vm).toBe(0)

    const run = await kit.database.queries.transaction().execute(async (transaction) => {
      const own = kit.within(transaction)
      const machine = await own.machines.create(create('kept'))
      return own.installs.start(machine.key)
    })
    expect((await kit.installs.whenReady(run.runId)).phase).toBe('ready')

    const waits = kit.database.queries
      .transaction()
      .execute((transaction) => kit.within(transaction).snapshots.create(run.machine, { name: 'now' }))
    await expect(waits).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: expect.stringContaining('after the commit') })
    const asks = kit.database.queries
      .transaction()
      .execute((transaction) => kit.within(transaction).clusters.check(lab.cluster))
    await expect(asks).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: expect.stringContaining('after the commit') })
    expect(await kit.snapshots.list(run.machine)).toEqual([])
  })

  it('what is written in the host’s own transaction is begun by nobody before its commit, however often they look', async () => {
    const location = await db.options()
    await using lab = await openLab(location, { operations: { work: false }, simulator: { guests: 'none' } })
    await using worker = await createVirtkit({
      database: location,
      encryption,
      drivers: [lab.simulator.driver],
      installMedia: bootServer(),
      operations: { pollMs: 50 },
    })
    const key = await lab.machine('web-1')
    const { id } = await lab.kit.database.queries.transaction().execute(async (transaction) => {
      const { operation } = await lab.kit.within(transaction).installs.start(key)
      await pause(500)
      expect(await worker.operations.list()).toEqual([])
      expect(lab.simulator.world.summary().machines).toEqual([])
      return { id: operation }
    })
    await expect.poll(() => lab.simulator.world.summary().machines.map(({ name }) => name)).toEqual(['web-1'])
    expect((await worker.operations.list()).map((each) => each.id)).toEqual([id])
  })
})
