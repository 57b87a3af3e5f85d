import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.ts'
import { SnapshotSteps } from './snapshot-steps.ts'

export const snapshotDegreeCases: readonly DriverCase[] = [
  {
    id: 'snapshots.memory',
    name: 'a snapshot with memory says so, and the machine runs after reverting to it',
    needs: ['snapshots', 'snapshots.memory'],
    promise: 'snapshots.create: keeps the memory of a running machine; snapshots.revert: with memory it runs',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.createRunning())
      const id = await steps.take('live', { memory: true })
      assert.equal((await steps.info(id)).memory, true)
      assert.equal(await lab.hypervisor.power.read(steps.machine.ref, lab.call()), 'on')
      await lab.hypervisor.power.off(steps.machine, lab.call())
      await steps.revert(id)
      assert.equal(await lab.hypervisor.power.read(steps.machine.ref, lab.call()), 'on')
    },
  },
  {
    id: 'snapshots.memory-stopped',
    name: 'a snapshot with memory of a stopped machine is one without',
    needs: ['snapshots', 'snapshots.memory'],
    promise: 'snapshots.create: `memory` of a stopped machine is a snapshot without memory',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const id = await steps.take('cold', { memory: true })
      assert.equal((await steps.info(id)).memory, false)
      await lab.hypervisor.power.on(steps.machine, lab.call())
      await steps.revert(id)
      assert.equal(await lab.hypervisor.power.read(steps.machine.ref, lab.call()), 'off')
    },
  },
  {
    id: 'snapshots.no-memory',
    name: 'where memory is not claimed, asking for it is refused and leaves nothing',
    needs: ['snapshots', 'not snapshots.memory'],
    promise: 'snapshots.create: throws UNSUPPORTED for memory that is not claimed; a failed snapshot leaves nothing behind',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.createRunning())
      await lab.rejects('UNSUPPORTED', steps.take('live', { memory: true }))
      await steps.assertTree({}, undefined)
    },
  },
  {
    id: 'snapshots.quiesce',
    name: 'quiescing is answered honestly, and only when it was asked for',
    needs: ['snapshots', 'snapshots.quiesce'],
    promise: 'snapshots.create: `quiesce` is answered honestly',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.createRunning())
      const { machine, snapshots } = steps
      const request = { name: 'calm', description: '', memory: false }
      const plain = await snapshots.create(machine, { ...request, quiesce: false }, lab.call())
      assert.equal(plain.quiesce, 'not-asked')
      const calm = await snapshots.create(machine, { ...request, quiesce: true }, lab.call())
      assert.ok(['quiesced', 'fell-back'].includes(calm.quiesce), `quiesce is answered with ${calm.quiesce}`)
      assert.equal((await steps.tree()).current, calm.id)
    },
  },
  {
    id: 'snapshots.no-quiesce',
    name: 'where quiescing is not claimed, asking for it is refused and leaves nothing',
    needs: ['snapshots', 'not snapshots.quiesce'],
    promise:
      'snapshots.create: throws UNSUPPORTED for quiesce that is not claimed; a failed snapshot leaves nothing behind',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.createRunning())
      await lab.rejects('UNSUPPORTED', steps.take('calm', { quiesce: true }))
      await steps.assertTree({}, undefined)
    },
  },
  {
    id: 'snapshots.update-hardware',
    name: 'applying today’s hardware to older snapshots keeps the tree, and reverting brings that hardware',
    needs: ['snapshots', 'snapshots.updateHardware'],
    promise: 'snapshots.updateHardware: keeps tree, names, descriptions; a machine that is off stays as it is',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const { machine, snapshots } = steps
      const one = await steps.take('one')
      const two = await steps.take('two')
      await steps.revert(one)
      const three = await steps.take('three')
      const nics = await lab.nics(2)
      await lab.hypervisor.machines.reconfigure(machine, { cpus: 3, memoryMiB: 768, nics }, lab.call())
      const tree = await steps.tree()
      await lab.unchanged(machine, () => snapshots.updateHardware(machine, [one, two], lab.call()))
      assert.deepEqual(await steps.tree(), tree)
      for (const id of [one, two]) {
        await steps.revert(id)
        const { cpus, memoryMiB, nics: found } = await lab.look(machine)
        assert.deepEqual({ cpus, memoryMiB, nics: found }, { cpus: 3, memoryMiB: 768, nics })
      }
      await steps.revert(three)
      assert.equal((await lab.look(machine)).cpus, 1, 'a snapshot that was not named has changed')
    },
  },
  {
    id: 'snapshots.update-hardware-disk',
    name: 'applying today’s hardware keeps the disk content of every snapshot and of the machine',
    needs: ['snapshots', 'snapshots.updateHardware', 'hook disk'],
    promise: 'snapshots.updateHardware: keeps disk content',
    async run(lab) {
      const disk = lab.target.disk ?? assert.fail('the target has no disk')
      const steps = new SnapshotSteps(lab, await lab.create())
      const { machine, snapshots } = steps
      await disk.write(machine.ref, 'first')
      const one = await steps.take('one')
      await disk.write(machine.ref, 'second')
      const two = await steps.take('two')
      await disk.write(machine.ref, 'present')
      await lab.hypervisor.machines.reconfigure(machine, { cpus: 2 }, lab.call())
      await snapshots.updateHardware(machine, [one, two], lab.call())
      assert.equal(await disk.read(machine.ref), 'present')
      await steps.revert(two)
      assert.equal(await disk.read(machine.ref), 'second')
      await steps.revert(one)
      assert.equal(await disk.read(machine.ref), 'first')
    },
  },
  {
    id: 'snapshots.update-hardware-memory',
    name: 'hardware is not applied to a snapshot with memory, nor to the others named with it',
    needs: ['snapshots', 'snapshots.updateHardware', 'snapshots.memory'],
    promise: 'snapshots.updateHardware: throws CONFLICT for a snapshot with memory, which fits one hardware only',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const { machine, snapshots } = steps
      const cold = await steps.take('cold')
      await lab.hypervisor.power.on(machine, lab.call())
      const live = await steps.take('live', { memory: true })
      await lab.hypervisor.power.off(machine, lab.call())
      await lab.hypervisor.machines.reconfigure(machine, { cpus: 2 }, lab.call())
      await lab.rejects('CONFLICT', snapshots.updateHardware(machine, [cold, live], lab.call()))
      await steps.revert(cold)
      assert.equal((await lab.look(machine)).cpus, 1, 'half of it was done')
    },
  },
  {
    id: 'snapshots.update-hardware-refused',
    name: 'applying hardware with another key is NOT_OURS, and to a snapshot that is gone NOT_FOUND',
    needs: ['snapshots', 'snapshots.updateHardware'],
    promise: 'snapshots.updateHardware: all or nothing',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const { machine, snapshots } = steps
      const one = await steps.take('one')
      const gone = await steps.take('gone')
      await steps.remove(gone)
      const stranger = { ref: machine.ref, key: lab.names.key() }
      await lab.rejects('NOT_OURS', snapshots.updateHardware(stranger, [one], lab.call()))
      await lab.rejects('NOT_FOUND', snapshots.updateHardware(machine, [gone], lab.call()))
    },
  },
  {
    id: 'snapshots.no-update-hardware',
    name: 'where applying hardware is not claimed, it is refused',
    needs: ['snapshots', 'not snapshots.updateHardware'],
    promise: 'snapshots.updateHardware: throws UNSUPPORTED where not claimed',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const id = await steps.take('one')
      await lab.rejects('UNSUPPORTED', steps.snapshots.updateHardware(steps.machine, [id], lab.call()))
    },
  },
]
