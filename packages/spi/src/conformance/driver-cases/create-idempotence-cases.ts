import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.ts'
import type { Lab } from '../lab.ts'

export const createIdempotenceCases: readonly DriverCase[] = [
  {
    id: 'create.twice',
    name: 'creating twice with one key yields one machine',
    needs: [],
    promise: 'machines.create: the same key answers the same machine',
    async run(lab) {
      const spec = await lab.spec()
      const call = lab.keyed()
      const first = await lab.hypervisor.machines.create(spec, call)
      const second = await lab.hypervisor.machines.create(spec, call)
      assert.equal(second.ref, first.ref)
      await assertOne(lab, spec.name)
    },
  },
  {
    id: 'create.two-sessions',
    name: 'creating with one key from two sessions yields one machine',
    needs: [],
    promise: 'machines.create: the same key answers the same machine, also from another process',
    async run(lab) {
      const spec = await lab.spec()
      const call = lab.keyed()
      const other = await lab.connect()
      const [first, second] = await Promise.all([
        lab.hypervisor.machines.create(spec, call),
        other.machines.create(spec, call),
      ])
      assert.equal(second.ref, first.ref)
      await assertOne(lab, spec.name)
    },
  },
  {
    id: 'create.concurrently',
    name: 'creating with one key eight times at once yields one machine',
    needs: [],
    promise: 'machines.create: the same key answers the same machine',
    async run(lab) {
      const spec = await lab.spec()
      const call = lab.keyed()
      const made = await Promise.all(Array.from({ length: 8 }, () => lab.hypervisor.machines.create(spec, call)))
      assert.equal(new Set(made.map((info) => info.ref)).size, 1)
      await assertOne(lab, spec.name)
    },
  },
  {
    id: 'create.after-reconnect',
    name: 'a session opened later finds the machine of a key again',
    needs: [],
    promise: 'machines.create: the same key answers the same machine, also from another process',
    async run(lab) {
      const spec = await lab.spec()
      const call = lab.keyed()
      const earlier = await lab.connect()
      const made = await earlier.machines.create(spec, call)
      await earlier[Symbol.asyncDispose]()
      assert.equal((await lab.hypervisor.machines.create(spec, call)).ref, made.ref)
      await assertOne(lab, spec.name)
    },
  },
  {
    id: 'create.running',
    name: 'creating again with the key of a machine that runs answers it and leaves it running',
    needs: [],
    promise: 'machines.create: the same key answers the same machine',
    async run(lab) {
      const machine = await lab.createRunning()
      const again = await lab.hypervisor.machines.create(machine.spec, lab.keyed(machine.key))
      assert.equal(again.ref, machine.ref)
      assert.equal((await lab.look(machine)).power, 'on')
    },
  },
  {
    id: 'create.two-keys',
    name: 'two keys yield two machines, however alike',
    needs: [],
    promise: 'machines.create: the same key answers the same machine; the name need not be unique',
    async run(lab) {
      const spec = await lab.spec({ nics: [] })
      const first = await lab.hypervisor.machines.create(spec, lab.keyed())
      const second = await lab.hypervisor.machines.create(spec, lab.keyed())
      assert.notEqual(second.ref, first.ref)
    },
  },
  {
    id: 'create.lost-answer',
    name: 'a machine whose answer was lost is found by its key, and creating again answers it',
    needs: ['hook loseNextAnswer'],
    promise: 'machines.create: the same key answers the same machine, also after a lost answer',
    async run(lab) {
      const spec = await lab.spec()
      const call = lab.keyed()
      await lab.target.loseNextAnswer?.('machines.create')
      const [first] = await Promise.allSettled([lab.hypervisor.machines.create(spec, call)])
      if (first.status === 'rejected') {
        const error = await lab.fails(Promise.reject(first.reason))
        assert.equal(error.outcome, 'unknown', `the machine exists, but ${error.code} says did-not-happen`)
      }
      const left = await lab.hypervisor.machines.findByKey(call.key, lab.call())
      assert.ok(left, 'findByKey does not find what the lost answer left behind')
      assert.equal((await lab.hypervisor.machines.create(spec, call)).ref, left.ref)
      await assertOne(lab, spec.name)
    },
  },
]

async function assertOne(lab: Lab, name: string): Promise<void> {
  const found = (await lab.machines()).filter((info) => info.name === name)
  assert.equal(found.length, 1, `${found.length} machines are called ${name}`)
}
