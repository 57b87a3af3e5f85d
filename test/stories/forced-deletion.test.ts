import { type Clock, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it, vi } from 'vitest'
import { type Lab, openLab } from './lab.ts'

const dayMs = 86_400_000

/** A clock that can be put forward: days of patience, without the seconds in between. */
function jumpingClock(): Clock & { jump(ms: number): void } {
  let ahead = 0
  return { ...systemClock, now: () => Date.now() + ahead, jump: (ms) => void (ahead += ms) }
}

async function imported({ kit, cluster, group }: Lab, name: string) {
  const [result] = await kit.machines.import(cluster, { names: [name], owner: group })
  if (!result || result.status === 'refused') throw result?.error ?? new Error('nothing was imported')
  return result.machine
}

eachDatabase((db) => {
  it('a hypervisor that refuses for seven days loses: forgotten, told of as an orphan, and all given back', async () => {
    const clock = jumpingClock()
    await using lab = await openLab(await db.options(), { clock })
    const { kit, cluster, group, network, simulator } = lab
    const { ref } = simulator.world.addMachine({ name: 'stuck', nics: [{ network: 'lan', mac: '02:00:00:00:00:05' }] })
    const { key, networks } = await imported(lab, 'stuck')
    // An address that was found out later is given back as any other.
    const [card] = networks
    await kit.addresses.allocate(kit.database.queries, {
      networkKey: network,
      owner: `nic/${card!.key}`,
      address: '10.20.0.9',
    })
    await kit.database.queries
      .updateTable('machineNetworks')
      .set({ ip: '10.20.0.9' })
      .where('key', '=', card!.key)
      .execute()
    expect(await kit.machineNetworks.verify()).toEqual([])

    simulator.faults.add({ method: 'machines.destroy', kind: 'refused' })
    const refusals = (): number => simulator.faults.list()[0]!.fired
    const startedAt = clock.now()
    const { id } = await kit.machines.remove(key)
    /** A refusal is counted, and written down a moment later; what happens in between is not about patience. */
    const isWrittenDown = async (): Promise<void> => {
      const operation = kit.database.queries.selectFrom('operations').select('leaseOwner').where('id', '=', id)
      expect(refusals()).toBeGreaterThan(0)
      expect(await operation.executeTakeFirstOrThrow()).toEqual({ leaseOwner: null })
    }
    for (let day = 0; day < 7; day += 1) {
      await vi.waitFor(isWrittenDown, 10_000)
      const before = refusals()
      const { state, scheduledDeletionAt = 0 } = await kit.machines.get(key)
      expect(state).toBe('deleting')
      expect(Math.abs(scheduledDeletionAt - startedAt - 7 * dayMs)).toBeLessThan(60_000)
      clock.jump(dayMs)
      if (day < 6) await vi.waitFor(() => expect(refusals()).toBeGreaterThan(before), 10_000)
    }
    const { state, error } = await kit.operations.wait(id)
    expect([state, error]).toEqual(['succeeded', undefined])
    expect(await kit.machines.list()).toEqual([])
    expect(await kit.networks.addresses(network)).toEqual([])
    expect((await kit.contingents.ofGroup(group))?.used).toEqual({ vm: 0, cpu: 0, memory: 0, disk: 0 })
    expect(await kit.contingents.verify()).toEqual([])
    const told = await kit.events.list({ subject: `machine/${key}` })
    const mark = simulator.world.machines()[0]?.key
    expect(told.find(({ type }) => type === 'machine.orphaned')?.data).toEqual({ cluster, name: 'stuck', ref, mark })
    expect(told.map(({ type }) => type)).toContain('machine.deleted')
    const [postponed, ...more] = told.filter(({ type }) => type === 'machine.deletion-postponed')
    expect(more).toEqual([])
    expect(postponed?.data).toEqual({ cluster, name: 'stuck', reason: expect.any(String), until: expect.any(String) })
    expect(Math.abs(Date.parse(String(postponed?.data['until'])) - startedAt - 7 * dayMs)).toBeLessThan(60_000)

    // What was orphaned can be taken up again, by the mark that it still has.
    simulator.faults.clear()
    const again = await imported(lab, 'stuck')
    expect(await kit.machines.compare(again.key)).toEqual([])
    expect(simulator.world.machines()[0]?.key).toBe(mark)
  })

  it('a hypervisor that comes round within the seven days destroys it, and nothing is an orphan', async () => {
    const clock = jumpingClock()
    await using lab = await openLab(await db.options(), { clock })
    const { kit, simulator } = lab
    simulator.world.addMachine({ name: 'stuck' })
    const { key } = await imported(lab, 'stuck')
    const { fired } = simulator.faults.add({ method: 'machines.destroy', kind: 'refused', times: 1 })
    const { id } = await kit.machines.remove(key)
    await fired
    await vi.waitFor(async () => expect((await kit.operations.get(id)).text).toContain('to destroy it'), 10_000)
    clock.jump(3 * dayMs)
    expect((await kit.operations.wait(id)).state).toBe('succeeded')
    expect(simulator.world.machines()).toEqual([])
    const told = await kit.events.list({ subject: `machine/${key}` })
    expect(told.map(({ type }) => type)).not.toContain('machine.orphaned')
    expect(told.map(({ type }) => type)).toContain('machine.deletion-postponed')
    expect(await kit.contingents.verify()).toEqual([])
  })
})
