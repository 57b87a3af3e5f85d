import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.ts'

export const destroyCases: readonly DriverCase[] = [
  {
    id: 'destroy.gone',
    name: 'a destroyed machine is gone for every session and from the inventory, and only it',
    needs: [],
    promise: 'machines.destroy: destroys the machine with its disks and snapshots',
    async run(lab) {
      const machine = await lab.create()
      const neighbour = await lab.create()
      await lab.hypervisor.machines.destroy(machine, lab.call())
      const other = await lab.connect()
      assert.equal(await other.machines.find(machine.ref, lab.call()), undefined)
      const listed = (await lab.machines()).map((info) => info.ref)
      assert.ok(!listed.includes(machine.ref), 'the inventory still lists it')
      assert.ok(listed.includes(neighbour.ref), 'its neighbour is gone as well')
    },
  },
  {
    id: 'destroy.again',
    name: 'destroying a machine that is gone is fine',
    needs: [],
    promise: 'machines.destroy: of a machine that is gone, fine',
    async run(lab) {
      const machine = await lab.create()
      await lab.hypervisor.machines.destroy(machine, lab.call())
      await lab.hypervisor.machines.destroy(machine, lab.call())
    },
  },
  {
    id: 'destroy.concurrently',
    name: 'destroying one machine four times at once is fine',
    needs: [],
    promise: 'machines.destroy: of a machine that is gone, fine',
    async run(lab) {
      const machine = await lab.create()
      await Promise.all(Array.from({ length: 4 }, () => lab.hypervisor.machines.destroy(machine, lab.call())))
      assert.equal(await lab.hypervisor.machines.find(machine.ref, lab.call()), undefined)
    },
  },
  {
    id: 'destroy.running',
    name: 'a running machine is switched off and destroyed',
    needs: [],
    promise: 'machines.destroy: a running one is switched off first',
    async run(lab) {
      const machine = await lab.createRunning()
      await lab.hypervisor.machines.destroy(machine, lab.call())
      assert.equal(await lab.hypervisor.machines.find(machine.ref, lab.call()), undefined)
    },
  },
  {
    id: 'destroy.space',
    name: 'a destroyed machine gives its space back',
    needs: [],
    promise:
      'machines.destroy: destroys the machine with its disks; inventory.datastores: `freeMiB` counts what is allocated',
    async run(lab) {
      const { datastore } = await lab.place()
      const free = async (): Promise<number> => {
        const all = await lab.hypervisor.inventory.datastores(lab.call())
        return all.find((store) => store.name === datastore)?.freeMiB ?? assert.fail(`${datastore} is not listed`)
      }
      const before = await free()
      const machine = await lab.create({ disks: [{ sizeMiB: 1024, provisioning: 'thick' }] })
      assert.ok((await free()) <= before - 1024, 'a thick disk of 1024 MiB takes less than that')
      await lab.hypervisor.machines.destroy(machine, lab.call())
      assert.equal(await free(), before)
    },
  },
  {
    id: 'destroy.media-stay',
    name: 'destroying a machine leaves the medium in its drive where it is stored',
    needs: ['media'],
    promise: 'machines.destroy: media are left alone',
    async run(lab) {
      const image = lab.image()
      const medium = await lab.upload(image)
      const machine = await lab.create({ medium: { ref: medium.ref } })
      await lab.hypervisor.machines.destroy(machine, lab.call())
      assert.deepEqual(await lab.hypervisor.media?.find({ name: image.name }, lab.call()), medium)
    },
  },
  {
    id: 'destroy.snapshots',
    name: 'a machine with a branching tree of snapshots is destroyed with it',
    needs: ['snapshots'],
    promise: 'machines.destroy: destroys the machine with its disks and snapshots',
    async run(lab) {
      const machine = await lab.create()
      const { snapshots } = lab.hypervisor
      assert.ok(snapshots)
      const request = { name: 'one', description: '', memory: false, quiesce: false }
      const { id } = await snapshots.create(machine, request, lab.call())
      await snapshots.create(machine, request, lab.call())
      await snapshots.revert(machine, id, lab.call())
      await snapshots.create(machine, request, lab.call())
      await lab.hypervisor.machines.destroy(machine, lab.call())
      assert.equal(await lab.hypervisor.machines.find(machine.ref, lab.call()), undefined)
      await lab.rejects('NOT_FOUND', snapshots.list(machine.ref, lab.call()))
    },
  },
  {
    id: 'destroy.lost-answer',
    name: 'a machine destroyed in a call whose answer was lost can be destroyed again',
    needs: ['hook loseNextAnswer'],
    promise: 'machines.destroy: of a machine that is gone, fine; outcome true to the facts',
    async run(lab) {
      const machine = await lab.create()
      await lab.target.loseNextAnswer?.('machines.destroy')
      const [first] = await Promise.allSettled([lab.hypervisor.machines.destroy(machine, lab.call())])
      if (first.status === 'rejected') {
        assert.equal((await lab.fails(Promise.reject(first.reason))).outcome, 'unknown')
      }
      await lab.hypervisor.machines.destroy(machine, lab.call())
      assert.equal(await lab.hypervisor.machines.find(machine.ref, lab.call()), undefined)
    },
  },
]
