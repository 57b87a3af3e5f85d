import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.ts'

export const powerCases: readonly DriverCase[] = [
  {
    id: 'power.on-off',
    name: 'a machine switched on is on, and switched off is off',
    needs: [],
    promise: 'power.read, power.on, power.off: pulls the plug',
    async run(lab) {
      const { power } = lab.hypervisor
      const machine = await lab.create()
      assert.equal(await power.read(machine.ref, lab.call()), 'off')
      await power.on(machine, lab.call())
      assert.equal(await power.read(machine.ref, lab.call()), 'on')
      assert.equal((await lab.look(machine)).power, 'on')
      await power.off(machine, lab.call())
      assert.equal(await power.read(machine.ref, lab.call()), 'off')
      assert.equal((await lab.look(machine)).power, 'off')
    },
  },
  {
    id: 'power.on-again',
    name: 'switching on a running machine has no effect',
    needs: [],
    promise: 'power.on: on a running machine, no effect',
    async run(lab) {
      const machine = await lab.createRunning()
      await lab.unchanged(machine, () => lab.hypervisor.power.on(machine, lab.call()))
    },
  },
  {
    id: 'power.off-again',
    name: 'switching off a stopped machine has no effect',
    needs: [],
    promise: 'power.off: on a stopped machine, no effect',
    async run(lab) {
      const machine = await lab.create()
      await lab.unchanged(machine, () => lab.hypervisor.power.off(machine, lab.call()))
    },
  },
  {
    id: 'power.on-concurrently',
    name: 'switching on one machine four times at once leaves it on',
    needs: [],
    promise: 'power.on: on a running machine, no effect',
    async run(lab) {
      const machine = await lab.create()
      await Promise.all(Array.from({ length: 4 }, () => lab.hypervisor.power.on(machine, lab.call())))
      assert.equal(await lab.hypervisor.power.read(machine.ref, lab.call()), 'on')
    },
  },
  {
    id: 'power.neighbour',
    name: 'switching one machine leaves another as it is',
    needs: [],
    promise: 'power.on: the machine at `ref`',
    async run(lab) {
      const machine = await lab.create()
      const neighbour = await lab.createRunning()
      await lab.hypervisor.power.on(machine, lab.call())
      await lab.hypervisor.power.off(machine, lab.call())
      assert.equal(await lab.hypervisor.power.read(neighbour.ref, lab.call()), 'on')
    },
  },
  {
    id: 'power.unknown',
    name: 'reading and switching an unknown machine is NOT_FOUND',
    needs: [],
    promise: 'power.read, power.on, power.off: throw NOT_FOUND',
    async run(lab) {
      const { machines, power } = lab.hypervisor
      const machine = await lab.create()
      await machines.destroy(machine, lab.call())
      await lab.rejects('NOT_FOUND', power.read(machine.ref, lab.call()))
      await lab.rejects('NOT_FOUND', power.on(machine, lab.call()))
      await lab.rejects('NOT_FOUND', power.off(machine, lab.call()))
    },
  },
  {
    id: 'power.shutdown-stopped',
    name: 'shutting down a stopped machine answers at once that it is shut down',
    needs: [],
    promise: 'power.shutdown: a stopped machine answers `shut-down`',
    async run(lab) {
      const machine = await lab.create()
      for (const fallback of ['off', 'none'] as const) {
        const answer = await lab.hypervisor.power.shutdown(machine, { timeoutMs: 5000, fallback }, lab.call())
        assert.equal(answer, 'shut-down')
      }
    },
  },
  {
    id: 'power.shutdown-forced',
    name: 'a shutdown with the fallback off leaves the machine off within its bound, and says how',
    needs: [],
    promise:
      'power.shutdown: ends at the latest a second after `timeoutMs`; `fallback: off` pulls the plug, answers `forced-off`',
    async run(lab) {
      const machine = await lab.createRunning()
      const options = { timeoutMs: 300, fallback: 'off' } as const
      const ended = await lab.prompt('shutdown', lab.hypervisor.power.shutdown(machine, options, lab.call()))
      if (ended.status === 'rejected') throw ended.reason
      assert.ok(['shut-down', 'forced-off'].includes(ended.value), `shutdown answers ${ended.value}`)
      assert.equal(await lab.hypervisor.power.read(machine.ref, lab.call()), 'off')
    },
  },
  {
    id: 'power.shutdown-patient',
    name: 'a shutdown without fallback ends within its bound, and is true about whether the machine still runs',
    needs: [],
    promise: 'power.shutdown: `fallback: none` throws `TIMEOUT` and the machine still runs',
    async run(lab) {
      const machine = await lab.createRunning()
      const options = { timeoutMs: 300, fallback: 'none' } as const
      const ended = await lab.prompt('shutdown', lab.hypervisor.power.shutdown(machine, options, lab.call()))
      if (ended.status === 'fulfilled') {
        assert.equal(ended.value, 'shut-down')
        assert.equal(await lab.hypervisor.power.read(machine.ref, lab.call()), 'off')
        return
      }
      await lab.rejects('TIMEOUT', Promise.reject(ended.reason))
      assert.equal(await lab.hypervisor.power.read(machine.ref, lab.call()), 'on')
    },
  },
  {
    id: 'power.host-memory',
    name: 'a running machine takes its memory from its host, and gives it back',
    needs: [],
    promise: 'HostInfo.freeMemoryMiB: memory that is not promised to a running machine',
    async run(lab) {
      const machine = await lab.create({ memoryMiB: 512 })
      const host = (await lab.look(machine)).host
      const free = async (): Promise<number> => {
        const hosts = await lab.hypervisor.inventory.hosts(lab.call())
        const one = hosts.find((each) => each.name === host)
        if (!one) throw lab.skipped('the machine has no host until it runs')
        return one.freeMemoryMiB
      }
      const before = await free()
      await lab.hypervisor.power.on(machine, lab.call())
      assert.ok((await free()) <= before - 512, 'the memory of the running machine is still counted as free')
      await lab.hypervisor.power.off(machine, lab.call())
      assert.equal(await free(), before)
    },
  },
  {
    id: 'power.lost-answer',
    name: 'a machine whose switching on was answered to nobody is on, and can be switched on again',
    needs: ['hook loseNextAnswer'],
    promise: 'power.on: on a running machine, no effect; outcome true to the facts',
    async run(lab) {
      const { power } = lab.hypervisor
      const machine = await lab.create()
      await lab.target.loseNextAnswer?.('power.on')
      const [first] = await Promise.allSettled([power.on(machine, lab.call())])
      if (first.status === 'rejected') {
        assert.equal((await lab.fails(Promise.reject(first.reason))).outcome, 'unknown')
      }
      assert.equal(await power.read(machine.ref, lab.call()), 'on')
      await power.on(machine, lab.call())
    },
  },
]
