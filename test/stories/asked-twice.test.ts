import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openLab } from './lab.ts'

// Hosts ask twice: again with the same key when they were ended in the middle, and side by side.
eachDatabase((db) => {
  it('a resize that was refused and is asked for again holds nothing of the contingent', async () => {
    await using lab = await openLab(await db.options())
    const { kit, simulator } = lab
    const machine = await lab.machine('web')
    await kit.installs.whenReady((await kit.installs.start(machine)).runId)
    simulator.faults.add({ method: 'machines.reconfigure', kind: 'refused' })
    const resize = () => kit.machines.update(machine, { memoryMiB: 4096 }, { key: 'grow' })
    await expect(resize()).rejects.toMatchObject({ code: 'HYPERVISOR_REFUSED' })
    const asked = simulator.calls.count('machines.reconfigure')
    expect(asked).toBeGreaterThan(0)
    await expect(resize()).rejects.toMatchObject({ code: 'HYPERVISOR_REFUSED' })
    expect(simulator.calls.count('machines.reconfigure')).toBe(asked)
    const [contingent] = await kit.contingents.list()
    expect(contingent?.reserved).toEqual({ vm: 0, cpu: 0, memory: 0, disk: 0 })
  })

  it('a deletion that is asked for again later is the same deletion', async () => {
    await using lab = await openLab(await db.options(), { operations: { work: false } })
    const { kit } = lab
    const machine = await lab.machine('web')
    const first = await kit.machines.remove(machine, { key: 'away' })
    await kit.settings.update({ deletionGraceMs: 1000 })
    expect((await kit.machines.remove(machine, { key: 'away' })).id).toBe(first.id)
    await expect(kit.machines.remove(machine, { key: 'other' })).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('a machine does not change its owner while its growth is promised to the one that it has', async () => {
    await using lab = await openLab(await db.options())
    const { kit, simulator } = lab
    const machine = await lab.machine('web')
    const other = await kit.groups.add({ name: 'team-b', networks: [lab.network], clusters: [lab.cluster] })
    await kit.installs.whenReady((await kit.installs.start(machine)).runId)
    simulator.faults.add({ method: 'machines.reconfigure', kind: 'hang', times: 1 })
    const resizing = kit.machines.update(machine, { memoryMiB: 4096 }).catch((error: unknown) => error)
    while (simulator.calls.count('machines.reconfigure') === 0) await kit.operations.list()
    const operation = (await kit.operations.list({ ended: false }))[0]!
    await expect(kit.machines.update(machine, { owner: other.key })).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { field: 'subject', with: operation.id },
    })
    await kit.operations.cancel(operation.id)
    expect(await resizing).toMatchObject({ code: 'CANCELLED' })
    expect((await kit.machines.update(machine, { owner: other.key })).owner).toBe(other.key)
    expect(await kit.contingents.verify()).toEqual([])
  })

  it('cards that are added to a machine at once get places of their own', async () => {
    await using lab = await openLab(await db.options(), { operations: { work: false } })
    const machine = await lab.machine('web')
    const cards = Array.from({ length: 6 }, () => lab.kit.machineNetworks.add(machine, { network: lab.network }))
    await Promise.all(cards)
    const { networks, version } = await lab.kit.machines.get(machine)
    expect(networks.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(new Set(networks.map(({ ip }) => ip)).size).toBe(7)
    expect(version).toBe(7)
  })
})
