import assert from 'node:assert/strict'
import type { Call } from '../../driver/call.ts'
import type { VirtkitError } from '../../errors/virtkit-error.ts'
import type { DriverCase } from '../driver-case.ts'
import type { FaultableMethod } from '../driver-target.ts'
import type { Lab } from '../lab.ts'
import { SnapshotSteps } from './snapshot-steps.ts'

const promise = 'Call.signal: when it aborts, the call ends within a second with CANCELLED and a true `outcome`'

export const cancellationCases: readonly DriverCase[] = [
  {
    id: 'cancelled.create-before',
    name: 'creating with a signal that has aborted makes nothing',
    needs: [],
    promise,
    async run(lab) {
      const call = lab.keyed()
      await refusedAtOnce(lab, async (gone) => lab.hypervisor.machines.create(await lab.spec(), { ...gone, key: call.key }))
      assert.equal(await lab.hypervisor.machines.findByKey(call.key, lab.call()), undefined)
    },
  },
  {
    id: 'cancelled.change-before',
    name: 'changing, switching and destroying with a signal that has aborted does nothing',
    needs: [],
    promise,
    async run(lab) {
      const { machines, power } = lab.hypervisor
      const machine = await lab.create()
      const running = await lab.createRunning()
      await lab.unchanged(machine, async () => {
        await refusedAtOnce(lab, (call) => machines.reconfigure(machine, { cpus: 2 }, call))
        await refusedAtOnce(lab, (call) => machines.unmark(machine, call))
        await refusedAtOnce(lab, (call) => machines.destroy(machine, call))
        await refusedAtOnce(lab, (call) => power.on(machine, call))
      })
      await lab.unchanged(running, async () => {
        await refusedAtOnce(lab, (call) => power.off(running, call))
        await refusedAtOnce(lab, (call) => power.shutdown(running, { timeoutMs: 100, fallback: 'off' }, call))
      })
    },
  },
  {
    id: 'cancelled.read-before',
    name: 'reading with a signal that has aborted ends with CANCELLED',
    needs: [],
    promise,
    async run(lab) {
      const { inventory, machines, power } = lab.hypervisor
      const machine = await lab.create()
      await refusedAtOnce(lab, (call) => inventory.defaults(call))
      await refusedAtOnce(lab, (call) => inventory.hosts(call))
      await refusedAtOnce(lab, (call) => inventory.datastores(call))
      await refusedAtOnce(lab, (call) => inventory.networks(call))
      await refusedAtOnce(lab, (call) => inventory.machines({ pageSize: 5 }, call)[Symbol.asyncIterator]().next())
      await refusedAtOnce(lab, (call) => machines.find(machine.ref, call))
      await refusedAtOnce(lab, (call) => machines.findByKey(machine.key, call))
      await refusedAtOnce(lab, (call) => power.read(machine.ref, call))
    },
  },
  {
    id: 'cancelled.snapshot-before',
    name: 'taking and removing a snapshot with a signal that has aborted does nothing',
    needs: ['snapshots'],
    promise: `${promise}; snapshots.create: a failed snapshot leaves nothing behind`,
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const { machine, snapshots } = steps
      const id = await steps.take('one')
      const request = { name: 'two', description: '', memory: false, quiesce: false }
      await refusedAtOnce(lab, (call) => snapshots.create(machine, request, call))
      await refusedAtOnce(lab, (call) => snapshots.revert(machine, id, call))
      await refusedAtOnce(lab, (call) => snapshots.remove(machine, id, { children: true }, call))
      await refusedAtOnce(lab, (call) => snapshots.list(machine.ref, call))
      await steps.assertTree({ one: undefined }, 'one')
    },
  },
  {
    id: 'cancelled.media-before',
    name: 'uploading and inserting with a signal that has aborted does nothing',
    needs: ['media'],
    promise: `${promise}; media.upload: an aborted upload leaves none`,
    async run(lab) {
      const { media } = lab.hypervisor
      assert.ok(media)
      const image = lab.image()
      await refusedAtOnce(lab, (call) => lab.upload(image, call))
      assert.equal(await media.find({ name: image.name }, lab.call()), undefined)
      const medium = await lab.upload()
      const machine = await lab.create()
      await lab.unchanged(machine, () => refusedAtOnce(lab, (call) => media.insert(machine, medium.ref, call)))
    },
  },
  {
    id: 'cancelled.create-during',
    name: 'creating ends soon after its signal aborts, and is true about whether it happened',
    needs: [],
    promise,
    async run(lab) {
      const call = lab.keyed()
      const spec = await lab.spec()
      const abort = new AbortController()
      const creating = lab.hypervisor.machines.create(spec, { ...call, signal: abort.signal })
      creating.catch(() => {})
      await nextTurn()
      abort.abort()
      const ended = await lab.prompt('an aborted create', creating)
      if (ended.status === 'fulfilled') {
        assert.equal((await lab.look(ended.value)).key, call.key)
        return
      }
      const error = await lab.rejects('CANCELLED', Promise.reject(ended.reason))
      if (error.outcome === 'did-not-happen') {
        assert.equal(await lab.hypervisor.machines.findByKey(call.key, lab.call()), undefined, 'it did happen')
      }
      const made = await lab.hypervisor.machines.create(spec, call)
      assert.equal((await lab.machines()).filter((info) => info.name === spec.name).length, 1)
      assert.equal(made.name, spec.name)
    },
  },
  hangingCase('machines.create', 'creating', [], async (lab) => {
    const spec = await lab.spec()
    const keyed = lab.keyed()
    return {
      run: (call) => lab.hypervisor.machines.create(spec, { ...keyed, ...call }),
      happened: async () => (await lab.hypervisor.machines.findByKey(keyed.key, lab.call())) !== undefined,
    }
  }),
  hangingCase('power.on', 'switching on', [], async (lab) => {
    const machine = await lab.create()
    return {
      run: (call) => lab.hypervisor.power.on(machine, call),
      happened: async () => (await lab.look(machine)).power === 'on',
    }
  }),
  hangingCase('machines.destroy', 'destroying', [], async (lab) => {
    const machine = await lab.create()
    return {
      run: (call) => lab.hypervisor.machines.destroy(machine, call),
      happened: async () => (await lab.hypervisor.machines.find(machine.ref, lab.call())) === undefined,
    }
  }),
  hangingCase('snapshots.create', 'taking a snapshot', ['snapshots'], async (lab) => {
    const steps = new SnapshotSteps(lab, await lab.create())
    const request = { name: 'one', description: '', memory: false, quiesce: false }
    return {
      run: (call) => steps.snapshots.create(steps.machine, request, call),
      happened: async () => (await steps.tree()).snapshots.length > 0,
    }
  }),
]

/** Starts a call that the hypervisor never answers, and aborts it. */
function hangingCase(
  method: FaultableMethod,
  what: string,
  needs: DriverCase['needs'],
  prepare: (lab: Lab) => Promise<{ run(call: Call): Promise<unknown>; happened(): Promise<boolean> }>,
): DriverCase {
  return {
    id: `cancelled.${method.replace('.', '-')}-hanging`,
    name: `${what} on a hypervisor that does not answer ends soon after its signal aborts, and is true about its outcome`,
    needs: [...needs, 'hook hangNextCall'],
    promise,
    async run(lab) {
      const { run, happened } = await prepare(lab)
      const abort = new AbortController()
      const hang = lab.target.hangNextCall?.(method)
      const underWay = run(lab.call({ signal: abort.signal }))
      underWay.catch(() => {})
      await Promise.race([hang?.hanging, underWay])
      abort.abort()
      const ended = await lab.prompt(`${what}, aborted,`, underWay)
      assert.equal(ended.status, 'rejected', 'nobody answered the call, and yet it succeeded')
      if (ended.status !== 'rejected') return
      const error = await lab.rejects('CANCELLED', Promise.reject(ended.reason))
      if (error.outcome === 'did-not-happen') assert.equal(await happened(), false, 'it did happen')
    },
  }
}

async function refusedAtOnce(lab: Lab, run: (call: Call) => Promise<unknown>): Promise<VirtkitError> {
  const error = await lab.rejects('CANCELLED', run(lab.call({ signal: AbortSignal.abort() })))
  assert.equal(error.outcome, 'did-not-happen', 'a call that was never sent did not happen')
  return error
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
