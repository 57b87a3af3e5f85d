import assert from 'node:assert/strict'
import type { MachineSpec } from '../../driver/machine-operations.ts'
import { isVirtkitError } from '../../errors/virtkit-error.ts'
import type { DriverCase } from '../driver-case.ts'
import type { Lab } from '../lab.ts'

export const createRefusalCases: readonly DriverCase[] = [
  refusalCase('create.unknown-network', 'an unknown network', ['nics[0].network'], async (lab) => ({
    nics: [{ network: lab.names.name('net'), mac: lab.names.mac() }],
  })),
  refusalCase(
    'create.unknown-second-network',
    'an unknown network of the second card',
    ['nics[1].network'],
    async (lab) => ({
      nics: [...(await lab.nics(1)), { network: lab.names.name('net'), mac: lab.names.mac() }],
    }),
  ),
  refusalCase('create.unknown-datastore', 'an unknown datastore', ['datastore', 'placement.datastore'], async (lab) => ({
    placement: { ...(await lab.place()).placement, datastore: lab.names.name('ds') },
  })),
  refusalCase('create.unknown-disk-datastore', 'an unknown datastore of a disk', ['disks[0].datastore'], async (lab) => ({
    disks: [{ sizeMiB: 1024, provisioning: 'thin', datastore: lab.names.name('ds') }],
  })),
  refusalCase('create.unknown-host', 'an unknown host', ['host', 'placement.host'], async (lab) => ({
    placement: { ...(await lab.place()).placement, host: lab.names.name('host') },
  })),
  refusalCase('create.empty-name', 'an empty name', ['name'], async () => ({ name: '' })),
  refusalCase('create.name-too-long', 'a name of 81 characters', ['name'], async () => ({ name: 'x'.repeat(81) })),
  refusalCase('create.no-cpus', 'zero cpus', ['cpus'], async () => ({ cpus: 0 })),
  refusalCase('create.no-memory', 'zero memory', ['memoryMiB'], async () => ({ memoryMiB: 0 })),
  refusalCase('create.bad-mac', 'a MAC address that is none', ['nics[0].mac'], async (lab) => ({
    nics: (await lab.nics(1)).map((nic) => ({ ...nic, mac: 'not-a-mac' })),
  })),
  refusalCase('create.empty-disk', 'a disk of no size', ['disks[1].sizeMiB'], async () => ({
    disks: [
      { sizeMiB: 1024, provisioning: 'thin' },
      { sizeMiB: 0, provisioning: 'thin' },
    ],
  })),
  {
    id: 'create.unknown-medium',
    name: 'creating with an unknown medium is refused by name and leaves nothing',
    needs: ['media'],
    promise: 'machines.create: throws INVALID_INPUT naming the field',
    async run(lab) {
      // What a ref looks like is the driver's affair: take one that was good until just now.
      const medium = await lab.upload()
      await lab.hypervisor.media?.remove(medium.ref, lab.call())
      await assertRefused(lab, ['medium', 'medium.ref'], { medium: { ref: medium.ref } })
    },
  },
  {
    id: 'create.all-problems',
    name: 'a refused machine names every field that is wrong, not the first only',
    needs: [],
    promise: 'INVALID_INPUT: every problem is listed, not the first only',
    async run(lab) {
      const nics = [{ network: lab.names.name('net'), mac: 'not-a-mac' }]
      const spec = await lab.spec({ cpus: 0, nics })
      const error = await lab.rejects('INVALID_INPUT', lab.hypervisor.machines.create(spec, lab.keyed()))
      assert.ok(isVirtkitError(error, 'INVALID_INPUT'))
      const named = error.details.problems.map((problem) => problem.field)
      for (const field of ['cpus', 'nics[0].network', 'nics[0].mac'])
        assert.ok(named.includes(field), `${field} is not named`)
    },
  },
  {
    id: 'create.again-corrected',
    name: 'the key of a refused machine can be used for the corrected one',
    needs: [],
    promise: 'machines.create: a failure leaves nothing behind',
    async run(lab) {
      const call = lab.keyed()
      const spec = await lab.spec()
      const wrong = { ...spec, nics: [{ network: lab.names.name('net'), mac: lab.names.mac() }] }
      await lab.rejects('INVALID_INPUT', lab.hypervisor.machines.create(wrong, call))
      const made = await lab.hypervisor.machines.create(spec, call)
      assert.equal(made.nics[0]?.network, spec.nics[0]?.network)
    },
  },
  {
    id: 'create.datastore-full',
    name: 'a disk larger than its datastore is refused with DATASTORE_FULL, and nothing is left',
    needs: [],
    promise: 'machines.create: throws DATASTORE_FULL; a failure leaves nothing behind',
    async run(lab) {
      const { datastore } = await lab.place()
      const before = await storeNamed(lab, datastore)
      const spec = await lab.spec({
        disks: [
          { sizeMiB: 1024, provisioning: 'thick' },
          { sizeMiB: before.capacityMiB + 1024, provisioning: 'thick' },
        ],
      })
      const call = lab.keyed()
      const error = await lab.rejects('DATASTORE_FULL', lab.hypervisor.machines.create(spec, call))
      assert.ok(isVirtkitError(error, 'DATASTORE_FULL'))
      assert.equal(error.details.datastore, datastore)
      assert.ok(error.details.askedMiB > error.details.freeMiB, 'what was asked for would fit')
      await assertNothingLeft(lab, spec, call.key)
      assert.equal((await storeNamed(lab, datastore)).freeMiB, before.freeMiB, 'space is still taken')
    },
  },
  {
    id: 'create.host-resources',
    name: 'a machine larger than every host never runs, and what was refused is not left behind',
    needs: [],
    promise: 'machines.create, power.on: throw HOST_RESOURCES',
    async run(lab) {
      const hosts = await lab.hypervisor.inventory.hosts(lab.call())
      const memoryMiB = 4 * Math.max(1024, ...hosts.map((host) => host.memoryMiB))
      const spec = await lab.spec({ memoryMiB })
      const call = lab.keyed()
      const [created] = await Promise.allSettled([lab.hypervisor.machines.create(spec, call)])
      if (created.status === 'rejected') {
        await lab.rejects('HOST_RESOURCES', Promise.reject(created.reason))
        return assertNothingLeft(lab, spec, call.key)
      }
      const machine = { ref: created.value.ref, key: call.key }
      const [started] = await Promise.allSettled([lab.hypervisor.power.on(machine, lab.call())])
      if (started.status === 'fulfilled') throw lab.skipped('the hypervisor promises more memory than it has')
      await lab.rejects('HOST_RESOURCES', Promise.reject(started.reason))
      assert.equal(await lab.hypervisor.power.read(machine.ref, lab.call()), 'off')
    },
  },
]

function refusalCase(
  id: string,
  what: string,
  fields: readonly string[],
  wrong: (lab: Lab) => Promise<Partial<MachineSpec>>,
): DriverCase {
  return {
    id,
    name: `creating with ${what} is refused by name and leaves nothing`,
    needs: [],
    promise: 'machines.create: throws INVALID_INPUT naming the field; a failure leaves nothing behind',
    run: async (lab) => assertRefused(lab, fields, await wrong(lab)),
  }
}

async function assertRefused(lab: Lab, fields: readonly string[], wrong: Partial<MachineSpec>): Promise<void> {
  const spec = await lab.spec(wrong)
  const call = lab.keyed()
  await lab.refuses(fields, lab.hypervisor.machines.create(spec, call))
  await assertNothingLeft(lab, spec, call.key)
}

async function assertNothingLeft(lab: Lab, spec: MachineSpec, key: string): Promise<void> {
  assert.equal(await lab.hypervisor.machines.findByKey(key, lab.call()), undefined, 'findByKey finds a refused machine')
  const left = (await lab.machines()).filter((info) => info.key === key || (spec.name !== '' && info.name === spec.name))
  assert.equal(left.length, 0, 'the inventory lists a refused machine')
}

async function storeNamed(lab: Lab, name: string): Promise<{ capacityMiB: number; freeMiB: number }> {
  const store = (await lab.hypervisor.inventory.datastores(lab.call())).find((each) => each.name === name)
  assert.ok(store, `inventory.datastores does not list ${name}`)
  return store
}
