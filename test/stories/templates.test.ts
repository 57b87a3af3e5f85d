import { eachDatabase } from '@virtkit/test-databases'
import { describe, expect, it, vi } from 'vitest'
import { createVirtkit } from '@virtkit/core'
import { type Lab, encryption, openLab } from './lab.ts'

const golden = (lab: Lab, more: object = {}) =>
  lab.simulator.world.addMachine({
    name: 'golden',
    isTemplate: true,
    cpus: 1,
    memoryMiB: 1024,
    disks: [
      { sizeMiB: 8192, provisioning: 'thin' },
      { sizeMiB: 1024, provisioning: 'thin' },
    ],
    files: { '/etc/os-release': 'ID=debian\n' },
    ...more,
  })

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGz0pQ3V9mT8e1r0m2w7Yk5Jb4dXcVn6sLq8HuRtEoAB me@example.com'

eachDatabase((db) => {
  describe('templates', () => {
    it('a machine is cloned with its own name, address and keys, and comes up with them', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group, network, simulator } = lab
      golden(lab)
      expect(await kit.templates.list(cluster)).toEqual([
        { name: 'golden', cluster, cpus: 1, memoryMiB: 1024, diskMiB: 9216, firmware: 'bios' },
      ])
      const { machine, operation } = await kit.templates.clone({
        name: 'web',
        owner: group,
        cluster,
        template: 'golden',
        cpus: 2,
        diskMiB: 11_264,
        networks: [{ network }],
        sshKeys: [key],
      })
      expect(machine).toMatchObject({ state: 'cloning', cpus: 2, memoryMiB: 1024, diskMiB: 11_264, os: 'other' })
      expect((await kit.contingents.ofGroup(group))?.used).toEqual({ vm: 1, cpu: 2, memory: 1024, disk: 11_264 })
      expect((await kit.operations.wait(operation.id)).error).toBeUndefined()
      expect(await kit.machines.get(machine.key)).toMatchObject({ state: 'deployed', networks: [{ ip: '10.20.0.10' }] })
      expect(await kit.machines.compare(machine.key)).toEqual([])
      expect(await kit.contingents.verify()).toEqual([])

      const made = simulator.world.machines().find(({ name }) => name === 'web')!
      expect(made.disks.map(({ sizeMiB }) => sizeMiB)).toEqual([10_240, 1024])
      await kit.operations.wait((await kit.machines.power(machine.key, 'on')).id)
      await vi.waitFor(
        async () => {
          const session = await simulator.driver.connect({ url: simulator.url }, { signal: AbortSignal.timeout(9000) })
          expect(await session.guest?.addresses(made.ref, { signal: AbortSignal.timeout(9000) })).toEqual(['10.20.0.10'])
        },
        { timeout: 10_000 },
      )
      expect(simulator.world.console(made.ref).join('\n')).toContain('web login:')
    })

    it('a clone that fails leaves nothing, on the hypervisor and on paper', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group, network, simulator } = lab
      golden(lab)
      const wanted = { name: 'web', owner: group, cluster, template: 'golden', networks: [{ network }] }
      simulator.faults.add({ method: 'templates.clone', kind: 'refused', times: 1 })
      const failed = await kit.templates.clone(wanted)
      expect((await kit.operations.wait(failed.operation.id)).error).toMatchObject({ code: 'HYPERVISOR_REFUSED' })
      expect(await kit.machines.list()).toEqual([])
      expect(await kit.networks.addresses(network)).toEqual([])
      expect((await kit.contingents.ofGroup(group))?.used.vm).toBe(0)

      simulator.faults.add({ method: 'templates.clone', kind: 'answer-lost', times: 1 })
      const lost = await kit.templates.clone(wanted)
      expect((await kit.operations.wait(lost.operation.id)).state).toBe('succeeded')
      expect(simulator.world.machines()).toHaveLength(2)

      // Made, and then the answer never comes: what is cancelled by then is destroyed.
      const { fired } = simulator.faults.add({ method: 'templates.clone', kind: 'hang', done: true, times: 1 })
      const hanging = await kit.templates.clone({ ...wanted, name: 'web-2' })
      await fired
      await kit.operations.cancel(hanging.operation.id)
      expect((await kit.operations.wait(hanging.operation.id)).state).toBe('cancelled')
      expect(simulator.world.machines()).toHaveLength(2)
      expect((await kit.contingents.ofGroup(group))?.used.vm).toBe(1)
    })

    it('the same key clones once; a name in use, a small disk and an unknown template are refused', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group } = lab
      golden(lab)
      const wanted = { name: 'web', owner: group, cluster, template: 'golden' }
      const [one, two] = [await kit.templates.clone(wanted, { key: 'k' }), await kit.templates.clone(wanted, { key: 'k' })]
      expect(two.machine.key).toBe(one.machine.key)
      await expect(kit.templates.clone({ ...wanted, name: 'b' }, { key: 'k' })).rejects.toMatchObject({ code: 'CONFLICT' })
      await expect(kit.templates.clone(wanted)).rejects.toMatchObject({ code: 'CONFLICT', details: { field: 'name' } })
      await expect(kit.templates.clone({ ...wanted, name: 'b', diskMiB: 9000 })).rejects.toThrow('disks only grow')
      await expect(kit.templates.clone({ ...wanted, template: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
      const much = { ...wanted, name: 'b', cpus: 9, memoryMiB: 9999 }
      await expect(kit.templates.clone(much)).rejects.toMatchObject({
        code: 'CONTINGENT_EXCEEDED',
        details: { blocking: [{ dimension: 'cpu' }, { dimension: 'memory' }] },
      })
    })

    it('what a process left half-way, another clones', async () => {
      const database = await db.options()
      await using lab = await openLab(database, { operations: { work: false, pollMs: 100 } })
      const { kit, cluster, group, simulator } = lab
      golden(lab)
      const { machine, operation } = await kit.templates.clone({ name: 'web', owner: group, cluster, template: 'golden' })
      await using successor = await createVirtkit({ database, encryption, drivers: [simulator.driver] })
      expect((await successor.operations.wait(operation.id)).state).toBe('succeeded')
      expect(await kit.machines.compare(machine.key)).toEqual([])
    })

    it('a stopped machine of ours becomes a template: still charged, not to be switched or resized, and clones know its system', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group } = lab
      lab.simulator.world.addMachine({
        name: 'mine',
        cpus: 1,
        memoryMiB: 512,
        disks: [{ sizeMiB: 1024, provisioning: 'thin' }],
      })
      const [imported] = await kit.machines.import(cluster, { names: ['mine'], owner: group })
      if (imported?.status !== 'imported') throw new Error('not imported')
      const { key: machine } = imported.machine
      expect((await kit.operations.wait((await kit.templates.register(machine)).id)).state).toBe('succeeded')
      expect(await kit.templates.list(cluster)).toMatchObject([{ name: 'mine', machine }])
      expect((await kit.contingents.ofGroup(group))?.used.vm).toBe(1)
      for (const attempt of [
        () => kit.machines.power(machine, 'on'),
        () => kit.machines.update(machine, { cpus: 2 }),
        () => kit.templates.register(machine),
      ]) {
        await expect(attempt()).rejects.toMatchObject({ code: 'CONFLICT' })
      }
      const clone = await kit.templates.clone({ name: 'c', owner: group, cluster, template: 'mine' })
      await kit.operations.wait(clone.operation.id)
      await kit.operations.wait((await kit.machines.remove(machine)).id)
      expect(await kit.templates.list(cluster)).toEqual([])
      expect((await kit.machines.list()).map(({ name }) => name)).toEqual(['c'])
      expect(await kit.contingents.verify()).toEqual([])
    })
  })
})
