import assert from 'node:assert/strict'
import type { CloneSpec, TemplateOperations } from '../../driver/template-operations.ts'
import type { DriverCase } from '../driver-case.ts'
import type { Lab, LabMachine } from '../lab.ts'

export const templateCases: readonly DriverCase[] = [
  {
    id: 'templates.register',
    name: 'a registered machine is a template everywhere, and registering again has no effect',
    needs: ['templates'],
    promise: 'templates.register: turns a stopped machine of ours into a template; again, no effect',
    async run(lab) {
      const machine = await lab.create()
      assert.ok(!(await templateRefs(lab)).includes(machine.ref), 'a machine is listed as template')
      await templatesOf(lab).register(machine, lab.call())
      assert.equal((await lab.look(machine)).isTemplate, true)
      assert.equal((await lab.look(machine)).key, machine.key)
      await lab.unchanged(machine, () => templatesOf(lab).register(machine, lab.call()))
      assert.equal((await templateRefs(lab)).filter((ref) => ref === machine.ref).length, 1)
      assert.equal((await lab.machines()).find((info) => info.ref === machine.ref)?.isTemplate, true)
    },
  },
  {
    id: 'templates.register-running',
    name: 'a running machine does not become a template',
    needs: ['templates'],
    promise: 'templates.register: throws CONFLICT while it runs',
    async run(lab) {
      const machine = await lab.createRunning()
      await lab.unchanged(machine, () => lab.rejects('CONFLICT', templatesOf(lab).register(machine, lab.call())))
    },
  },
  {
    id: 'templates.clone',
    name: 'a clone is off, marked, and has what was asked for',
    needs: ['templates'],
    promise: 'templates.clone: makes a machine from a template; off, marked with `call.key`',
    async run(lab) {
      const template = await lab.template()
      const spec = await cloneSpec(lab, { cpus: 2, memoryMiB: 512, diskSizeMiB: 2048 })
      const call = lab.keyed()
      const made = await templatesOf(lab).clone(template.ref, spec, call)
      for (const info of [made, await lab.look(made)]) {
        assert.notEqual(info.ref, template.ref)
        assert.equal(info.key, call.key)
        assert.equal(info.name, spec.name)
        assert.equal(info.power, 'off')
        assert.equal(info.isTemplate, false)
        assert.equal(info.cpus, 2)
        assert.equal(info.memoryMiB, 512)
        assert.equal(info.disks[0]?.sizeMiB, 2048)
        assert.deepEqual(info.nics, spec.nics)
      }
      await lab.hypervisor.power.on({ ref: made.ref, key: call.key }, lab.call())
    },
  },
  {
    id: 'templates.clone-plain',
    name: 'what a clone is not asked for it has from its template',
    needs: ['templates'],
    promise: 'templates.clone: makes a machine from a template',
    async run(lab) {
      const template = await lab.template({ cpus: 2, memoryMiB: 640, firmware: 'uefi' })
      const made = await templatesOf(lab).clone(template.ref, await cloneSpec(lab, { nics: [] }), lab.keyed())
      assert.equal(made.cpus, 2)
      assert.equal(made.memoryMiB, 640)
      assert.equal(made.firmware, 'uefi')
      assert.deepEqual(made.nics, [])
      assert.deepEqual(
        made.disks.map((disk) => disk.sizeMiB),
        [1024],
      )
    },
  },
  {
    id: 'templates.clone-twice',
    name: 'cloning with one key four times at once, and once more later, yields one machine',
    needs: ['templates'],
    promise: 'templates.clone: promises as `machines.create`',
    async run(lab) {
      const template = await lab.template()
      const spec = await cloneSpec(lab)
      const call = lab.keyed()
      const made = await Promise.all(Array.from({ length: 4 }, () => templatesOf(lab).clone(template.ref, spec, call)))
      const other = await lab.connect()
      const later = await other.templates?.clone(template.ref, spec, call)
      assert.deepEqual([...new Set([...made, later].map((info) => info?.ref))], [made[0]?.ref])
      assert.equal((await lab.machines()).filter((info) => info.name === spec.name).length, 1)
    },
  },
  {
    id: 'templates.unchanged',
    name: 'cloning does not change the template',
    needs: ['templates'],
    promise: 'templates.clone: the template does not change',
    async run(lab) {
      const template = await lab.template()
      await lab.unchanged(template, async () => {
        const call = lab.keyed()
        const spec = await cloneSpec(lab, { cpus: 4, diskSizeMiB: 4096 })
        const made = await templatesOf(lab).clone(template.ref, spec, call)
        await lab.hypervisor.machines.destroy({ ref: made.ref, key: call.key }, lab.call())
      })
    },
  },
  {
    id: 'templates.disk-content',
    name: 'a clone has the disk content of its template, and writing to it leaves the template alone',
    needs: ['templates', 'hook disk'],
    promise: 'templates.clone: the template does not change',
    async run(lab) {
      const disk = lab.target.disk ?? assert.fail('the target has no disk')
      const machine = await lab.create()
      await disk.write(machine.ref, 'golden')
      await templatesOf(lab).register(machine, lab.call())
      const first = await templatesOf(lab).clone(machine.ref, await cloneSpec(lab), lab.keyed())
      assert.equal(await disk.read(first.ref), 'golden')
      await disk.write(first.ref, 'mine')
      const second = await templatesOf(lab).clone(machine.ref, await cloneSpec(lab), lab.keyed())
      assert.equal(await disk.read(second.ref), 'golden')
    },
  },
  {
    id: 'templates.customised',
    name: 'a clone can be given a host name, addresses and SSH keys',
    needs: ['templates'],
    promise: 'templates.clone: `customisation` reaches the guest',
    async run(lab) {
      const template = await lab.template()
      const spec = await cloneSpec(lab, {
        nics: await lab.nics(2),
        customisation: {
          hostname: 'web-1',
          networks: [{ address: '192.0.2.5/24', gateway: '192.0.2.1', dns: ['192.0.2.53'] }, undefined],
          sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE virtkit-check'],
        },
      })
      const made = await templatesOf(lab).clone(template.ref, spec, lab.keyed())
      assert.deepEqual(made.nics, spec.nics)
      assert.equal(made.power, 'off')
    },
  },
  {
    id: 'templates.refused',
    name: 'a clone with a smaller disk or an unknown network is refused by name and leaves nothing',
    needs: ['templates'],
    promise: 'templates.clone: throws INVALID_INPUT for disks smaller than the template’s',
    async run(lab) {
      const template = await lab.template({ disks: [{ sizeMiB: 2048, provisioning: 'thin' }] })
      const call = lab.keyed()
      const smaller = await cloneSpec(lab, { diskSizeMiB: 1024 })
      await lab.refuses('diskSizeMiB', templatesOf(lab).clone(template.ref, smaller, call))
      const astray = await cloneSpec(lab, { nics: [{ network: lab.names.name('net'), mac: lab.names.mac() }] })
      await lab.refuses('nics[0].network', templatesOf(lab).clone(template.ref, astray, call))
      assert.equal(await lab.hypervisor.machines.findByKey(call.key, lab.call()), undefined)
    },
  },
  {
    id: 'templates.unknown',
    name: 'cloning a template that is gone, or a machine that is none, fails and leaves nothing',
    needs: ['templates'],
    promise: 'templates.clone: throws NOT_FOUND',
    async run(lab) {
      const machine = await lab.create()
      const call = lab.keyed()
      await lab.rejects(
        ['NOT_FOUND', 'CONFLICT', 'INVALID_INPUT'],
        templatesOf(lab).clone(machine.ref, await cloneSpec(lab), call),
      )
      await lab.hypervisor.machines.destroy(machine, lab.call())
      await lab.rejects('NOT_FOUND', templatesOf(lab).clone(machine.ref, await cloneSpec(lab), call))
      assert.equal(await lab.hypervisor.machines.findByKey(call.key, lab.call()), undefined)
    },
  },
  {
    id: 'templates.lost-answer',
    name: 'a clone whose answer was lost is found by its key, and cloning again answers it',
    needs: ['templates', 'hook loseNextAnswer'],
    promise: 'templates.clone: promises as `machines.create`',
    async run(lab) {
      const template = await lab.template()
      const spec = await cloneSpec(lab)
      const call = lab.keyed()
      await lab.target.loseNextAnswer?.('templates.clone')
      const [first] = await Promise.allSettled([templatesOf(lab).clone(template.ref, spec, call)])
      if (first.status === 'rejected') {
        assert.equal((await lab.fails(Promise.reject(first.reason))).outcome, 'unknown')
      }
      const left = await lab.hypervisor.machines.findByKey(call.key, lab.call())
      assert.ok(left, 'findByKey does not find what the lost answer left behind')
      assert.equal((await templatesOf(lab).clone(template.ref, spec, call)).ref, left.ref)
    },
  },
  {
    id: 'templates.destroy',
    name: 'a destroyed template is gone from the list, and its clones stay',
    needs: ['templates'],
    promise: 'machines.destroy: destroys the machine; templates.list: complete',
    async run(lab) {
      const template: LabMachine = await lab.template()
      const made = await templatesOf(lab).clone(template.ref, await cloneSpec(lab), lab.keyed())
      await lab.hypervisor.machines.destroy(template, lab.call())
      assert.ok(!(await templateRefs(lab)).includes(template.ref))
      await lab.look(made)
    },
  },
]

function templatesOf(lab: Lab): TemplateOperations {
  return lab.hypervisor.templates ?? assert.fail('the templates facet is gone')
}

async function templateRefs(lab: Lab): Promise<readonly string[]> {
  return (await templatesOf(lab).list(lab.call())).map((info) => info.ref)
}

async function cloneSpec(lab: Lab, overrides: Partial<CloneSpec> = {}): Promise<CloneSpec> {
  const { placement, datastore } = await lab.place()
  return { name: lab.names.name('clone'), placement: { ...placement, datastore }, nics: await lab.nics(1), ...overrides }
}
