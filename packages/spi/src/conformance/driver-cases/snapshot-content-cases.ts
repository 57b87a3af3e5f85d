import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.ts'
import type { GuestContent } from '../driver-target.ts'
import type { Lab } from '../lab.ts'
import { SnapshotSteps } from './snapshot-steps.ts'

export const snapshotContentCases: readonly DriverCase[] = [
  {
    id: 'snapshots.hardware-back',
    name: 'reverting puts the hardware of then back',
    needs: ['snapshots'],
    promise: 'snapshots.revert: puts disks, hardware and (if kept) memory back',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const before = await lab.look(steps.machine)
      const id = await steps.take('one')
      const change = { cpus: 2, memoryMiB: 512, nics: await lab.nics(2) }
      await lab.hypervisor.machines.reconfigure(steps.machine, change, lab.call())
      await steps.revert(id)
      const after = await lab.look(steps.machine)
      assert.equal(after.cpus, before.cpus)
      assert.equal(after.memoryMiB, before.memoryMiB)
      assert.deepEqual(after.nics, before.nics)
      assert.equal(after.key, steps.machine.key, 'the mark is gone')
    },
  },
  {
    id: 'snapshots.revert-running',
    name: 'a running machine reverted to a snapshot without memory is off',
    needs: ['snapshots'],
    promise: 'snapshots.revert: without memory the machine is off afterwards',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const id = await steps.take('one')
      await lab.hypervisor.power.on(steps.machine, lab.call())
      await steps.revert(id)
      assert.equal(await lab.hypervisor.power.read(steps.machine.ref, lab.call()), 'off')
    },
  },
  {
    id: 'snapshots.disk-back',
    name: 'reverting brings the disk content of each snapshot back, in any order',
    needs: ['snapshots', 'hook disk'],
    promise: 'snapshots.revert: puts disks back',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const { ref } = steps.machine
      const ids = new Map<string, string>()
      for (const text of ['first', 'second', 'third']) {
        await disk(lab).write(ref, text)
        ids.set(text, await steps.take(text))
      }
      await disk(lab).write(ref, 'present')
      for (const text of ['first', 'third', 'second', 'first']) {
        await steps.revert(ids.get(text) ?? '')
        assert.equal(await disk(lab).read(ref), text)
        await disk(lab).write(ref, 'scribble')
      }
    },
  },
  {
    id: 'snapshots.remove-keeps-disk',
    name: 'removing snapshots changes neither the present disk content nor that of others',
    needs: ['snapshots', 'hook disk'],
    promise: 'snapshots.remove: the machine’s present disk content does not change',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const { ref } = steps.machine
      await disk(lab).write(ref, 'first')
      const first = await steps.take('first')
      await disk(lab).write(ref, 'second')
      const second = await steps.take('second')
      await disk(lab).write(ref, 'third')
      const third = await steps.take('third')
      await disk(lab).write(ref, 'present')
      await steps.remove(second)
      assert.equal(await disk(lab).read(ref), 'present')
      await steps.remove(first)
      assert.equal(await disk(lab).read(ref), 'present')
      await steps.revert(third)
      assert.equal(await disk(lab).read(ref), 'third')
      await disk(lab).write(ref, 'present')
      await steps.remove(third, { children: true })
      assert.equal(await disk(lab).read(ref), 'present')
    },
  },
  {
    id: 'snapshots.memory-back',
    name: 'reverting to a snapshot with memory brings the memory back, and the machine runs',
    needs: ['snapshots', 'snapshots.memory', 'hook memory'],
    promise: 'snapshots.revert: puts memory back; with memory it runs',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.createRunning())
      const { ref } = steps.machine
      await memory(lab).write(ref, 'then')
      const id = await steps.take('live', { memory: true })
      assert.equal(await memory(lab).read(ref), 'then', 'taking the snapshot has changed the memory')
      await memory(lab).write(ref, 'now')
      await steps.revert(id)
      assert.equal(await memory(lab).read(ref), 'then')
      await lab.hypervisor.power.off(steps.machine, lab.call())
      await steps.revert(id)
      assert.equal(await memory(lab).read(ref), 'then')
      assert.equal(await lab.hypervisor.power.read(ref, lab.call()), 'on')
    },
  },
]

function disk(lab: Lab): GuestContent {
  return lab.target.disk ?? assert.fail('the target has no disk')
}

function memory(lab: Lab): GuestContent {
  return lab.target.memory ?? assert.fail('the target has no memory')
}
