import { eachDatabase } from '@virtkit/test-databases'
import { describe, expect, it } from 'vitest'
import { type SnapshotLab, openSnapshotLab } from '../../test/snapshot-lab.ts'
import { machineRow } from '../machines/machine-rows.ts'

const big = { cpus: 4, memoryMiB: 4096, diskMiB: 20_480 }
const small = { cpus: 1, memoryMiB: 1024, diskMiB: 30_720 }
const plenty = { vm: 10, cpu: 100, memory: 100_000, disk: 1_000_000 }
const usedBy = ({ cpus, memoryMiB, diskMiB }: typeof big): object => ({
  vm: 1,
  cpu: cpus,
  memory: memoryMiB,
  disk: diskMiB,
})

const seen = async ({ find }: SnapshotLab): Promise<typeof big & { power: string }> => {
  const { cpus, memoryMiB, disks, power } = await find()
  return { cpus, memoryMiB, diskMiB: disks[0]!.sizeMiB, power }
}
const onPaper = ({ database, machine }: SnapshotLab): Promise<object> => machineRow(database.queries, machine)
const used = async ({ contingents, group }: SnapshotLab): Promise<object> => (await contingents.ofGroup(group))!.used

/** A snapshot of much cpu and memory and a small disk, and a machine that has changed since. */
async function outgrown(lab: SnapshotLab, memory = false): Promise<void> {
  await lab.resize(big)
  if (memory) await lab.session.power.on(lab.owned, { signal: AbortSignal.timeout(10_000) })
  await lab.snapshots.create(lab.machine, { name: 'big', memory })
  await lab.resize(small)
}

eachDatabase((db) => {
  describe('going back to a snapshot', () => {
    it('brings back disks and memory, and makes it the current one', async () => {
      const lab = await openSnapshotLab(await db.options(), { power: 'on' })
      const { snapshots, machine, simulator, owned, told } = lab
      simulator.world.writeDisk(owned.ref, { '/etc/motd': 'old' })
      const { key, id } = await snapshots.create(machine, { name: 'a', memory: true })
      await snapshots.create(machine, { name: 'b' })
      simulator.world.writeDisk(owned.ref, { '/etc/motd': 'new' })
      await snapshots.revert(machine, key)
      expect(simulator.world.readDisk(owned.ref, '/etc/motd')).toBe('old')
      expect(await seen(lab)).toMatchObject({ power: 'on' })
      expect((await snapshots.list(machine)).map(({ current }) => current)).toEqual([true, false])
      expect(await told('snapshot.reverted')).toEqual([{ key, id }])
      expect(await told('machine.updated')).toEqual([])
    })

    it('paper and contingent follow the hardware', async () => {
      const lab = await openSnapshotLab(await db.options())
      await outgrown(lab)
      await lab.contingents.set(lab.group, plenty)
      expect(await used(lab)).toEqual(usedBy(small))
      await lab.snapshots.revert(lab.machine, 1)
      expect(await seen(lab)).toEqual({ ...big, power: 'off' })
      expect(await onPaper(lab)).toMatchObject(big)
      expect(await used(lab)).toEqual(usedBy(big))
      expect(await lab.contingents.verify()).toEqual([])
      expect(await lab.told('machine.updated')).toEqual([big])
    })

    it.each([
      ['a stopped machine', false],
      ['a running machine, which is switched off for it', true],
    ])('hardware that the contingent refuses is put back: %s', async (_, memory) => {
      const lab = await openSnapshotLab(await db.options())
      await outgrown(lab, memory)
      lab.simulator.world.writeDisk(lab.owned.ref, { '/etc/motd': 'new' })
      await lab.contingents.set(lab.group, { ...plenty, cpu: 3 })
      await expect(lab.snapshots.revert(lab.machine, 1)).rejects.toMatchObject({
        code: 'CONTINGENT_EXCEEDED',
        details: { blocking: [{ dimension: 'cpu', limit: 3, asked: 3 }] },
        outcome: 'unknown',
      })
      expect(await seen(lab)).toEqual({ ...small, power: 'off' })
      expect(await onPaper(lab)).toMatchObject(small)
      expect(await used(lab)).toEqual(usedBy(small))
      expect(await lab.contingents.verify()).toEqual([])
      expect(lab.simulator.world.readDisk(lab.owned.ref, '/etc/motd')).toBeUndefined()
      expect(await lab.told('machine.switched')).toEqual(memory ? [{ to: 'off' }] : [])
    })

    it('hardware that is refused and cannot be put back is on paper all the same', async () => {
      const lab = await openSnapshotLab(await db.options())
      await outgrown(lab)
      await lab.contingents.set(lab.group, { ...plenty, cpu: 3 })
      lab.simulator.faults.add({ method: 'machines.reconfigure', kind: 'refused' })
      await expect(lab.snapshots.revert(lab.machine, 1)).rejects.toMatchObject({ code: 'CONTINGENT_EXCEEDED' })
      expect(await seen(lab)).toMatchObject(big)
      expect(await onPaper(lab)).toMatchObject(big)
      expect(await used(lab)).toEqual(usedBy(big))
      expect(await lab.contingents.verify()).toEqual([])
    })

    it('a revert that did not happen leaves the machine alone, whatever others did to it', async () => {
      const lab = await openSnapshotLab(await db.options())
      await lab.snapshots.create(lab.machine, { name: 'a' })
      await lab.snapshots.create(lab.machine, { name: 'b' })
      const byHand = { cpus: 8, memoryMiB: 2048 }
      await lab.session.machines.reconfigure(lab.owned, byHand, { signal: AbortSignal.timeout(10_000) })
      lab.simulator.faults.add({ method: 'snapshots.revert', kind: 'refused' })
      await expect(lab.snapshots.revert(lab.machine, 1)).rejects.toMatchObject({ code: 'HYPERVISOR_REFUSED' })
      expect(await seen(lab)).toMatchObject(byHand)
      expect(await onPaper(lab)).toMatchObject({ cpus: 2 })
    })

    it('new hardware is applied to older snapshots, so that going back keeps it', async () => {
      const lab = await openSnapshotLab(await db.options())
      await outgrown(lab)
      await lab.snapshots.updateHardware(lab.machine, [1])
      expect(await lab.told('snapshot.updated')).toEqual([{ keys: [1] }])
      await lab.snapshots.revert(lab.machine, 1)
      const { cpus, memoryMiB } = small
      expect(await onPaper(lab)).toMatchObject({ cpus, memoryMiB, diskMiB: big.diskMiB })
    })
  })
})
