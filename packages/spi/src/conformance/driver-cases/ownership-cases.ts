import assert from 'node:assert/strict'
import type { OwnedMachine } from '../../driver/call.ts'
import type { DriverCase } from '../driver-case.ts'
import type { Lab, LabMachine } from '../lab.ts'

const promise =
  'OwnedMachine: nothing is destroyed, powered, reconfigured or reverted unless it carries the mark (NOT_OURS)'

/** What must be refused for a machine that carries another's mark, and for one that carries none. */
export const ownershipCases: readonly DriverCase[] = [
  {
    id: 'ownership.destroy',
    name: 'destroying with another key is refused and leaves the machine',
    needs: [],
    promise: 'machines.destroy: throws NOT_OURS whatever the state',
    run: async (lab) => refusedToStrangers(lab, await lab.create(), destroying(lab)),
  },
  {
    id: 'ownership.destroy-running',
    name: 'destroying a running machine with another key is refused and leaves it running',
    needs: [],
    promise: 'machines.destroy: throws NOT_OURS whatever the state',
    async run(lab) {
      const machine = await lab.createRunning()
      await refusedToStrangers(lab, machine, destroying(lab))
      assert.equal((await lab.look(machine)).power, 'on')
    },
  },
  {
    id: 'ownership.destroy-unmarked',
    name: 'destroying a machine that carries no mark is refused',
    needs: [],
    promise: 'machines.destroy: throws NOT_OURS whatever the state',
    async run(lab) {
      const machine = await lab.createUnmarked()
      await refusedWithKey(lab, machine, destroying(lab))
    },
  },
  {
    id: 'ownership.power-on',
    name: 'switching on with another key is refused',
    needs: [],
    promise,
    run: async (lab) =>
      refusedToStrangers(lab, await lab.create(), (stranger) => lab.hypervisor.power.on(stranger, lab.call())),
  },
  {
    id: 'ownership.power-off',
    name: 'switching off with another key is refused',
    needs: [],
    promise,
    run: async (lab) =>
      refusedToStrangers(lab, await lab.createRunning(), (stranger) => lab.hypervisor.power.off(stranger, lab.call())),
  },
  {
    id: 'ownership.shutdown',
    name: 'shutting down with another key is refused',
    needs: [],
    promise,
    run: async (lab) =>
      refusedToStrangers(lab, await lab.createRunning(), (stranger) =>
        lab.hypervisor.power.shutdown(stranger, { timeoutMs: 200, fallback: 'off' }, lab.call()),
      ),
  },
  {
    id: 'ownership.power-unmarked',
    name: 'switching on a machine that carries no mark is refused',
    needs: [],
    promise,
    async run(lab) {
      const machine = await lab.createUnmarked()
      await refusedWithKey(lab, machine, (claimed) => lab.hypervisor.power.on(claimed, lab.call()))
    },
  },
  {
    id: 'ownership.reconfigure',
    name: 'reconfiguring with another key is refused',
    needs: [],
    promise: 'machines.reconfigure: throws NOT_OURS',
    run: async (lab) =>
      refusedToStrangers(lab, await lab.create(), (stranger) =>
        lab.hypervisor.machines.reconfigure(stranger, { cpus: 2, name: lab.names.name('stolen') }, lab.call()),
      ),
  },
  {
    id: 'ownership.media',
    name: 'inserting and ejecting a medium with another key is refused',
    needs: ['media'],
    promise,
    async run(lab) {
      const { media } = lab.hypervisor
      assert.ok(media)
      const medium = await lab.upload()
      const machine = await lab.create()
      await refusedToStrangers(lab, machine, (stranger) => media.insert(stranger, medium.ref, lab.call()))
      await media.insert(machine, medium.ref, lab.call())
      await refusedToStrangers(lab, machine, (stranger) => media.eject(stranger, lab.call()))
    },
  },
  {
    id: 'ownership.snapshots',
    name: 'taking, reverting to and removing a snapshot with another key is refused',
    needs: ['snapshots'],
    promise: 'snapshots.create, revert, remove: throw NOT_OURS',
    async run(lab) {
      const { snapshots } = lab.hypervisor
      assert.ok(snapshots)
      const machine = await lab.create()
      const request = { name: 'first', description: '', memory: false, quiesce: false }
      const { id } = await snapshots.create(machine, request, lab.call())
      const before = await snapshots.list(machine.ref, lab.call())
      await lab.hypervisor.machines.reconfigure(machine, { cpus: 2 }, lab.call())
      await refusedToStrangers(lab, machine, (stranger) => snapshots.create(stranger, request, lab.call()))
      await refusedToStrangers(lab, machine, (stranger) => snapshots.revert(stranger, id, lab.call()))
      await refusedToStrangers(lab, machine, (stranger) => snapshots.remove(stranger, id, { children: true }, lab.call()))
      assert.deepEqual(await snapshots.list(machine.ref, lab.call()), before)
    },
  },
  {
    id: 'ownership.templates',
    name: 'making a template of a machine with another key is refused',
    needs: ['templates'],
    promise: 'templates.register: throws NOT_OURS',
    async run(lab) {
      const { templates } = lab.hypervisor
      assert.ok(templates)
      await refusedToStrangers(lab, await lab.create(), (stranger) => templates.register(stranger, lab.call()))
    },
  },
]

function destroying(lab: Lab): (machine: OwnedMachine) => Promise<void> {
  return (machine) => lab.hypervisor.machines.destroy(machine, lab.call())
}

async function refusedToStrangers(
  lab: Lab,
  machine: LabMachine,
  work: (stranger: OwnedMachine) => Promise<unknown>,
): Promise<void> {
  await refusedWithKey(lab, machine, work)
  // Another machine's key is a good key, but of the wrong machine.
  const neighbour = await lab.create()
  await lab.unchanged(machine, () => lab.rejects('NOT_OURS', work({ ref: machine.ref, key: neighbour.key })))
}

async function refusedWithKey(
  lab: Lab,
  machine: { readonly ref: string },
  work: (claimed: OwnedMachine) => Promise<unknown>,
): Promise<void> {
  await lab.unchanged(machine, () => lab.rejects('NOT_OURS', work({ ref: machine.ref, key: lab.names.key() })))
}
