import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.ts'

export const markCases: readonly DriverCase[] = [
  {
    id: 'mark.find',
    name: 'a machine is found by its ref and by its key',
    needs: [],
    promise: 'machines.findByKey: finds by mark, whatever its state',
    async run(lab) {
      const machine = await lab.create()
      const neighbour = await lab.create()
      const { machines, power } = lab.hypervisor
      assert.equal((await machines.findByKey(machine.key, lab.call()))?.ref, machine.ref)
      assert.equal((await machines.findByKey(neighbour.key, lab.call()))?.ref, neighbour.ref)
      assert.deepEqual(await machines.findByKey(machine.key, lab.call()), await lab.look(machine))
      await power.on(machine, lab.call())
      assert.equal((await machines.findByKey(machine.key, lab.call()))?.ref, machine.ref)
    },
  },
  {
    id: 'mark.find-unknown',
    name: 'a key that no machine carries finds nothing, and neither does the ref of a machine that is gone',
    needs: [],
    promise: 'machines.find: `undefined` for a ref that is unknown or gone',
    async run(lab) {
      const { machines } = lab.hypervisor
      assert.equal(await machines.findByKey(lab.names.key(), lab.call()), undefined)
      assert.equal(await machines.find(lab.names.name('ref'), lab.call()), undefined)
      const machine = await lab.create()
      await machines.destroy(machine, lab.call())
      assert.equal(await machines.find(machine.ref, lab.call()), undefined)
      assert.equal(await machines.findByKey(machine.key, lab.call()), undefined)
    },
  },
  {
    id: 'mark.prefix',
    name: 'a key that another one begins with finds nothing',
    needs: [],
    promise: 'machines.findByKey: finds by mark',
    async run(lab) {
      const machine = await lab.create()
      const { machines } = lab.hypervisor
      assert.equal(await machines.findByKey(machine.key.slice(0, -1), lab.call()), undefined)
      assert.equal(await machines.findByKey(`${machine.key}0`, lab.call()), undefined)
      assert.equal(await machines.findByKey(machine.key.toUpperCase(), lab.call()), undefined)
    },
  },
  {
    id: 'mark.longest-key',
    name: 'a key of 80 characters, with every kind that is allowed, is kept whole',
    needs: [],
    promise: 'KeyedCall.key: at most 80 characters of `A-Z a-z 0-9 . _ : -`',
    async run(lab) {
      const key = `${lab.names.key()}.Az09_-:`.padEnd(80, 'Zz9')
      const made = await lab.hypervisor.machines.create(await lab.spec(), lab.keyed(key))
      assert.equal((await lab.look(made)).key, key)
      assert.equal((await lab.hypervisor.machines.findByKey(key, lab.call()))?.ref, made.ref)
    },
  },
  {
    id: 'mark.import',
    name: 'marking a machine that has no mark changes nothing else',
    needs: [],
    promise: 'machines.mark: puts our mark on a machine that has none; no other change',
    async run(lab) {
      const { ref } = await lab.createUnmarked()
      const { key: _, ...before } = await lab.look({ ref })
      const call = lab.keyed()
      await lab.hypervisor.machines.mark(ref, call)
      assert.deepEqual(await lab.look({ ref }), { ...before, key: call.key })
      assert.equal((await lab.hypervisor.machines.findByKey(call.key, lab.call()))?.ref, ref)
      await lab.hypervisor.power.on({ ref, key: call.key }, lab.call())
    },
  },
  {
    id: 'mark.import-running',
    name: 'a running machine can be marked and goes on running',
    needs: [],
    promise: 'machines.mark: puts our mark on a machine that has none; no other change',
    async run(lab) {
      const machine = await lab.createRunning()
      const { machines } = lab.hypervisor
      await machines.unmark(machine, lab.call())
      await machines.mark(machine.ref, lab.keyed(machine.key))
      const info = await lab.look(machine)
      assert.equal(info.power, 'on')
      assert.equal(info.key, machine.key)
    },
  },
  {
    id: 'mark.twice',
    name: 'marking again with the same key is fine',
    needs: [],
    promise: 'machines.mark: again with the same key is fine',
    async run(lab) {
      const machine = await lab.create()
      await lab.unchanged(machine, () => lab.hypervisor.machines.mark(machine.ref, lab.keyed(machine.key)))
    },
  },
  {
    id: 'mark.foreign',
    name: 'marking a machine that carries another mark is refused',
    needs: [],
    promise: 'machines.mark: throws NOT_OURS when it carries another mark',
    async run(lab) {
      const machine = await lab.create()
      const call = lab.keyed()
      await lab.unchanged(machine, () => lab.rejects('NOT_OURS', lab.hypervisor.machines.mark(machine.ref, call)))
      assert.equal(await lab.hypervisor.machines.findByKey(call.key, lab.call()), undefined)
    },
  },
  {
    id: 'mark.unknown',
    name: 'marking an unknown machine is NOT_FOUND',
    needs: [],
    promise: 'machines.mark: throws NOT_FOUND',
    async run(lab) {
      const machine = await lab.create()
      await lab.hypervisor.machines.destroy(machine, lab.call())
      await lab.rejects('NOT_FOUND', lab.hypervisor.machines.mark(machine.ref, lab.keyed()))
    },
  },
  {
    id: 'mark.unmark',
    name: 'unmarking leaves the machine as it is, and again is fine',
    needs: [],
    promise: 'machines.unmark: the machine stays as it is; of a machine that has no mark, fine',
    async run(lab) {
      const machine = await lab.createUnmarked()
      const { machines } = lab.hypervisor
      const { key, ...rest } = await lab.look(machine)
      const { key: __, ...made } = machine.made
      assert.equal(key, undefined)
      assert.deepEqual(rest, made)
      assert.equal(await machines.findByKey(machine.key, lab.call()), undefined)
      await machines.unmark(machine, lab.call())
    },
  },
  {
    id: 'mark.unmark-foreign',
    name: 'unmarking with another key is refused',
    needs: [],
    promise: 'machines.unmark: throws NOT_OURS',
    async run(lab) {
      const machine = await lab.create()
      const stranger = { ref: machine.ref, key: lab.names.key() }
      await lab.unchanged(machine, () => lab.rejects('NOT_OURS', lab.hypervisor.machines.unmark(stranger, lab.call())))
    },
  },
  {
    id: 'mark.unmark-gone',
    name: 'unmarking a machine that is gone is fine',
    needs: [],
    promise: 'machines.unmark: of a machine that is gone, fine',
    async run(lab) {
      const machine = await lab.create()
      await lab.hypervisor.machines.destroy(machine, lab.call())
      await lab.hypervisor.machines.unmark(machine, lab.call())
    },
  },
  {
    id: 'mark.moved',
    name: 'a machine that changes host keeps its ref and its mark',
    needs: ['hook moveToAnotherHost'],
    promise: 'machines.find: a machine that changes host keeps its ref',
    async run(lab) {
      const machine = await lab.create()
      await lab.target.moveToAnotherHost?.(machine.ref)
      const info = await lab.look(machine)
      assert.notEqual(info.host, machine.made.host, 'the target has not moved it')
      assert.equal(info.key, machine.key)
      assert.equal((await lab.hypervisor.machines.findByKey(machine.key, lab.call()))?.ref, machine.ref)
      await lab.hypervisor.power.on(machine, lab.call())
    },
  },
]
