import assert from 'node:assert/strict'
import type { MachineChange, MachineInfo } from '../../driver/machine-operations.ts'
import type { DriverCase } from '../driver-case.ts'
import type { Lab, LabMachine } from '../lab.ts'

const twoDisks = {
  disks: [
    { sizeMiB: 1024, provisioning: 'thin' as const },
    { sizeMiB: 2048, provisioning: 'thin' as const },
  ],
}

export const reconfigureCases: readonly DriverCase[] = [
  changeCase('reconfigure.cpus', 'the cpus are changed and nothing else', () => ({ cpus: 2 })),
  changeCase('reconfigure.memory', 'the memory is changed and nothing else', () => ({ memoryMiB: 640 })),
  changeCase('reconfigure.name', 'the name is changed and nothing else', (lab) => ({ name: lab.names.name('renamed') })),
  changeCase('reconfigure.first-disk', 'the first disk grows and the second stays', () => ({ diskSizesMiB: [1536] })),
  changeCase('reconfigure.second-disk', 'the second disk grows and the first stays', () => ({
    diskSizesMiB: [undefined, 3072],
  })),
  changeCase('reconfigure.nics', 'the network cards are replaced', async (lab) => ({ nics: await lab.nics(3) })),
  changeCase('reconfigure.no-nics', 'the network cards are taken out', () => ({ nics: [] })),
  changeCase('reconfigure.all', 'everything is changed at once', async (lab) => ({
    name: lab.names.name('renamed'),
    cpus: 3,
    memoryMiB: 1024,
    diskSizesMiB: [2048, 4096],
    nics: await lab.nics(2),
  })),
  changeCase('reconfigure.nothing', 'asking for nothing changes nothing', () => ({})),
  {
    id: 'reconfigure.again',
    name: 'asking for what already is has no effect',
    needs: [],
    promise: 'machines.reconfigure: asking for what already is has no effect',
    async run(lab) {
      const machine = await lab.create(twoDisks)
      const { name, cpus, memoryMiB, nics } = machine.spec
      const change = { name, cpus, memoryMiB, nics, diskSizesMiB: [1024, 2048] }
      await lab.unchanged(machine, () => lab.hypervisor.machines.reconfigure(machine, change, lab.call()))
    },
  },
  refusedCase('reconfigure.shrink', 'a disk that would shrink', ['diskSizesMiB[1]'], () => ({
    diskSizesMiB: [undefined, 1024],
  })),
  refusedCase('reconfigure.no-cpus', 'zero cpus', ['cpus'], () => ({ cpus: 0 })),
  refusedCase('reconfigure.no-memory', 'zero memory', ['memoryMiB'], () => ({ memoryMiB: 0 })),
  refusedCase('reconfigure.unknown-network', 'an unknown network', ['nics[1].network'], async (lab) => ({
    nics: [...(await lab.nics(1)), { network: lab.names.name('net'), mac: lab.names.mac() }],
  })),
  refusedCase('reconfigure.all-or-nothing', 'one wrong field beside right ones', ['nics[0].network'], (lab) => ({
    name: lab.names.name('renamed'),
    cpus: 4,
    memoryMiB: 512,
    diskSizesMiB: [4096, 4096],
    nics: [{ network: lab.names.name('net'), mac: lab.names.mac() }],
  })),
  {
    id: 'reconfigure.datastore-full',
    name: 'a disk that would outgrow its datastore is refused with DATASTORE_FULL, and nothing is changed',
    needs: [],
    promise: 'machines.reconfigure: all or nothing; throws DATASTORE_FULL',
    async run(lab) {
      const machine = await lab.create({ disks: [{ sizeMiB: 1024, provisioning: 'thick' }] })
      const { datastore } = machine.made.disks[0] ?? assert.fail('the machine has no disk')
      const store = (await lab.hypervisor.inventory.datastores(lab.call())).find((each) => each.name === datastore)
      const change = { cpus: 4, diskSizesMiB: [(store?.capacityMiB ?? 0) + 1024] }
      await lab.unchanged(machine, () =>
        lab.rejects('DATASTORE_FULL', lab.hypervisor.machines.reconfigure(machine, change, lab.call())),
      )
    },
  },
  {
    id: 'reconfigure.running',
    name: 'a running machine is changed while it runs, or refused with CONFLICT and nothing changed',
    needs: [],
    promise: 'machines.reconfigure: all or nothing; throws CONFLICT when the machine must be off first',
    async run(lab) {
      const machine = await lab.createRunning()
      const before = await lab.look(machine)
      const [changed] = await Promise.allSettled([
        lab.hypervisor.machines.reconfigure(machine, { cpus: 2, memoryMiB: 512 }, lab.call()),
      ])
      if (changed.status === 'rejected') await lab.rejects('CONFLICT', Promise.reject(changed.reason))
      const hardware = changed.status === 'rejected' ? {} : { cpus: 2, memoryMiB: 512 }
      assert.deepEqual(await lab.look(machine), { ...before, ...hardware })
      assert.equal(before.power, 'on')
    },
  },
  {
    id: 'reconfigure.unknown',
    name: 'reconfiguring a machine that is gone is NOT_FOUND',
    needs: [],
    promise: 'machines.reconfigure: throws NOT_FOUND',
    async run(lab) {
      const machine = await lab.create()
      await lab.hypervisor.machines.destroy(machine, lab.call())
      await lab.rejects('NOT_FOUND', lab.hypervisor.machines.reconfigure(machine, { cpus: 2 }, lab.call()))
    },
  },
  {
    id: 'reconfigure.lost-answer',
    name: 'a change whose answer was lost has happened, and asking again has no effect',
    needs: ['hook loseNextAnswer'],
    promise: 'machines.reconfigure: asking for what already is has no effect; outcome true to the facts',
    async run(lab) {
      const { machines } = lab.hypervisor
      const machine = await lab.create()
      await lab.target.loseNextAnswer?.('machines.reconfigure')
      const [first] = await Promise.allSettled([machines.reconfigure(machine, { cpus: 2 }, lab.call())])
      if (first.status === 'rejected') {
        assert.equal((await lab.fails(Promise.reject(first.reason))).outcome, 'unknown')
      }
      assert.equal((await lab.look(machine)).cpus, 2)
      await lab.unchanged(machine, () => machines.reconfigure(machine, { cpus: 2 }, lab.call()))
    },
  },
]

type MakeChange = (lab: Lab) => MachineChange | Promise<MachineChange>

function changeCase(id: string, name: string, make: MakeChange): DriverCase {
  return {
    id,
    name: `reconfigured: ${name}`,
    needs: [],
    promise: 'machines.reconfigure: changes hardware or name; what is left out stays',
    async run(lab) {
      const machine = await lab.create(twoDisks)
      const change = await make(lab)
      const expected = applied(await lab.look(machine), change)
      const answered = await lab.hypervisor.machines.reconfigure(machine, change, lab.call())
      assert.deepEqual(plain(answered), plain(expected), 'reconfigure answers something else')
      assert.deepEqual(plain(await lab.look(machine)), plain(expected), 'find tells something else')
    },
  }
}

function refusedCase(id: string, what: string, fields: readonly string[], make: MakeChange): DriverCase {
  return {
    id,
    name: `reconfiguring with ${what} is refused by name and changes nothing`,
    needs: [],
    promise: 'machines.reconfigure: all or nothing; disks only grow; throws INVALID_INPUT',
    async run(lab) {
      const machine: LabMachine = await lab.create(twoDisks)
      const change = await make(lab)
      await lab.unchanged(machine, () =>
        lab.refuses(fields, lab.hypervisor.machines.reconfigure(machine, change, lab.call())),
      )
    },
  }
}

function applied(info: MachineInfo, { name, cpus, memoryMiB, nics, diskSizesMiB = [] }: MachineChange): MachineInfo {
  return {
    ...info,
    name: name ?? info.name,
    cpus: cpus ?? info.cpus,
    memoryMiB: memoryMiB ?? info.memoryMiB,
    nics: nics ?? info.nics,
    disks: info.disks.map((disk, i) => ({ ...disk, sizeMiB: diskSizesMiB[i] ?? disk.sizeMiB })),
  }
}

/** Without keys that hold undefined, which mean the same as none. */
function plain(info: MachineInfo): unknown {
  return JSON.parse(JSON.stringify(info))
}
