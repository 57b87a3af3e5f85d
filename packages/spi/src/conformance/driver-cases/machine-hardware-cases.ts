import assert from 'node:assert/strict'
import type { MachineInfo, MachineSpec } from '../../driver/machine-operations.ts'
import type { DriverCase } from '../driver-case.ts'
import type { Lab, LabMachine } from '../lab.ts'

export const machineHardwareCases: readonly DriverCase[] = [
  {
    id: 'create.off-and-marked',
    name: 'a created machine is off, has its name and carries its mark',
    needs: [],
    promise: 'machines.create: off, with exactly the hardware asked for, carrying `call.key` as its ownership mark',
    async run(lab) {
      const machine = await lab.create()
      for (const info of await seen(lab, machine)) {
        assert.equal(info.ref, machine.ref)
        assert.equal(info.name, machine.spec.name)
        assert.equal(info.key, machine.key)
        assert.equal(info.power, 'off')
        assert.equal(info.isTemplate, false)
      }
    },
  },
  hardwareCase('create.cpus-memory', 'has exactly the cpus and the memory asked for', { cpus: 3, memoryMiB: 1280 }),
  hardwareCase('create.disks', 'has its disks in order, each of exactly the size asked for', {
    disks: [
      { sizeMiB: 2048, provisioning: 'thin' },
      { sizeMiB: 1024, provisioning: 'thin' },
      { sizeMiB: 1100, provisioning: 'thin' },
    ],
  }),
  hardwareCase('create.provisioning', 'has thin disks and thick disks as asked for', {
    disks: [
      { sizeMiB: 1024, provisioning: 'thick' },
      { sizeMiB: 1024, provisioning: 'thin' },
    ],
  }),
  hardwareCase('create.bios', 'starts with BIOS when asked to', { firmware: 'bios' }),
  hardwareCase('create.uefi', 'starts with UEFI when asked to', { firmware: 'uefi' }),
  hardwareCase('create.no-nic', 'has no network card when none is asked for', { nics: [] }),
  {
    id: 'create.nics',
    name: 'a created machine has its network cards in order, each with its MAC address',
    needs: [],
    promise: 'machines.create: with exactly the hardware asked for',
    async run(lab) {
      // Handed in against the order of the addresses, so that a driver that sorts them is found out.
      const nics = (await lab.nics(4)).toSorted((a, b) => (a.mac < b.mac ? 1 : -1))
      await assertAsAsked(lab, await lab.create({ nics }))
    },
  },
  {
    id: 'create.boots-disk',
    name: 'a machine made without a medium has an empty drive and boots its disk',
    needs: [],
    promise: 'machines.create: with exactly the hardware asked for',
    async run(lab) {
      for (const info of await seen(lab, await lab.create())) {
        assert.equal(info.medium, undefined)
        assert.equal(info.bootsFrom, 'disk')
      }
    },
  },
  {
    id: 'create.same-name',
    name: 'two machines may have one name',
    needs: [],
    promise: 'machines.create: the name need not be unique',
    async run(lab) {
      const first = await lab.create()
      const second = await lab.create({ name: first.spec.name })
      assert.notEqual(second.ref, first.ref)
      assert.equal((await lab.look(second)).name, first.spec.name)
      assert.equal((await lab.look(first)).key, first.key)
    },
  },
  {
    id: 'create.long-name',
    name: 'a name of 80 characters comes back as given',
    needs: [],
    promise: 'MachineSpec.name: 1 to 80 characters',
    async run(lab) {
      const machine = await lab.create({ name: lab.names.name('vm').padEnd(80, '.x') })
      assert.equal((await lab.look(machine)).name, machine.spec.name)
    },
  },
  {
    id: 'create.datastore',
    name: 'disks are on the datastore that was asked for',
    needs: [],
    promise: 'Placement: names as the hypervisor shows them; DiskSpec.datastore overrides the placement',
    async run(lab) {
      const stores = (await lab.hypervisor.inventory.datastores(lab.call())).filter(
        (store) => store.writable && store.holds.includes('disks') && store.freeMiB > 4096 && store.hosts.length === 0,
      )
      const [first, second = first] = stores
      if (!first || !second) throw lab.skipped('no datastore that all hosts reach has 4 GiB free')
      const { placement } = await lab.place()
      const machine = await lab.create({
        placement: { ...placement, datastore: first.name },
        disks: [
          { sizeMiB: 1024, provisioning: 'thin' },
          { sizeMiB: 1024, provisioning: 'thin', datastore: second.name },
        ],
      })
      const { disks } = await lab.look(machine)
      assert.deepEqual(
        disks.map((disk) => disk.datastore),
        [first.name, second.name],
      )
    },
  },
  {
    id: 'create.host',
    name: 'a machine is on the host that was asked for',
    needs: [],
    promise: 'Placement: names as the hypervisor shows them',
    async run(lab) {
      const { placement } = await lab.place()
      const hosts = await lab.hypervisor.inventory.hosts(lab.call())
      const host = hosts.find((each) => each.online && each.name === placement.host) ?? hosts.find((each) => each.online)
      if (!host) throw lab.skipped('the hypervisor lists no host that is online')
      const reached = (await lab.hypervisor.inventory.datastores(lab.call())).find(
        (store) =>
          store.writable && store.holds.includes('disks') && (store.hosts.length === 0 || store.hosts.includes(host.name)),
      )
      assert.ok(reached, `no datastore is reached by ${host.name}`)
      const { resourcePool: _, ...rest } = placement
      const machine = await lab.create({
        placement: {
          ...rest,
          host: host.name,
          datastore: reached.name,
          ...(host.datacenter !== undefined && { datacenter: host.datacenter }),
        },
      })
      assert.equal((await lab.look(machine)).host, host.name)
    },
  },
  {
    id: 'create.defaults',
    name: 'what inventory names as defaults is accepted as a place',
    needs: [],
    promise: 'inventory.defaults: every name that it returns is one that `machines.create` accepts',
    async run(lab) {
      const placement = await lab.hypervisor.inventory.defaults(lab.call())
      const machine = await lab.create({ placement })
      const info = await lab.look(machine)
      if (placement.datastore !== undefined) assert.equal(info.disks[0]?.datastore, placement.datastore)
      if (placement.host !== undefined) assert.equal(info.host, placement.host)
    },
  },
  {
    id: 'create.no-place',
    name: 'a machine that is told no place gets one',
    needs: [],
    promise: 'Placement: left out: the driver decides',
    async run(lab) {
      await assertAsAsked(lab, await lab.create({ placement: {} }))
    },
  },
  {
    id: 'create.medium',
    name: 'a machine made with a medium has it in its drive and boots it first',
    needs: ['media'],
    promise: 'machines.create: a medium to put into the drive and to boot first',
    async run(lab) {
      const medium = await lab.upload()
      for (const info of await seen(lab, await lab.create({ medium: { ref: medium.ref } }))) {
        assert.equal(info.medium, medium.ref)
        assert.equal(info.bootsFrom, 'medium')
      }
    },
  },
]

function hardwareCase(id: string, does: string, overrides: Partial<MachineSpec>): DriverCase {
  return {
    id,
    name: `a created machine ${does}`,
    needs: [],
    promise: 'machines.create: with exactly the hardware asked for',
    run: async (lab) => assertAsAsked(lab, await lab.create(overrides)),
  }
}

/** The machine as told by `create`, by `find` and by another session. */
async function seen(lab: Lab, machine: LabMachine): Promise<readonly MachineInfo[]> {
  return [machine.made, await lab.look(machine), await lab.look(machine, await lab.connect())]
}

async function assertAsAsked(lab: Lab, machine: LabMachine): Promise<void> {
  const { spec } = machine
  for (const info of await seen(lab, machine)) {
    assert.equal(info.cpus, spec.cpus)
    assert.equal(info.memoryMiB, spec.memoryMiB)
    assert.equal(info.firmware, spec.firmware)
    assert.deepEqual(
      info.disks.map(({ sizeMiB, provisioning }) => ({ sizeMiB, provisioning })),
      spec.disks.map(({ sizeMiB, provisioning }) => ({ sizeMiB, provisioning })),
    )
    assert.deepEqual(
      info.nics.map(({ network, mac }) => ({ network, mac })),
      spec.nics.map(({ network, mac }) => ({ network, mac })),
    )
  }
}
