import { type MachineInput, type VirtkitError, isVirtkitError, signLicense } from '@virtkit/core'
import { eachDatabase } from '@virtkit/test-databases'
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Lab, openLab } from './lab.ts'

const small = { os: 'debian-12', cpus: 1, memoryMiB: 1024, diskMiB: 10_240 }
const plenty = { vm: 100, cpu: 1000, memory: 1_000_000, disk: 10_000_000 }

/** What is charged is what is on paper, of every group; and every address is somebody's. */
async function booksAgree({ kit }: Lab): Promise<void> {
  const machines = await kit.machines.list({ limit: 1000 })
  for (const { group, used, reserved } of await kit.contingents.list()) {
    const own = machines.filter(({ owner }) => owner === group)
    const sum = (field: 'cpus' | 'memoryMiB' | 'diskMiB'): number => own.reduce((all, each) => all + each[field], 0)
    expect(used).toEqual({ vm: own.length, cpu: sum('cpus'), memory: sum('memoryMiB'), disk: sum('diskMiB') })
    expect(reserved).toEqual({ vm: 0, cpu: 0, memory: 0, disk: 0 })
  }
  expect(await kit.contingents.verify()).toEqual([])
  expect(await kit.machineNetworks.verify()).toEqual([])
}

async function ended({ kit }: Lab, operation: { readonly id: string }): Promise<VirtkitError | undefined> {
  return (await kit.operations.wait(operation.id)).error
}

/** A machine that is deployed without an installation. */
async function deployed(lab: Lab, name: string): Promise<{ key: number; ref: string }> {
  const { ref } = lab.simulator.world.addMachine({
    name,
    cpus: 1,
    memoryMiB: 1024,
    disks: [{ sizeMiB: 10_240, provisioning: 'thin' }],
    nics: [],
  })
  const [result] = await lab.kit.machines.import(lab.cluster, { names: [name], owner: lab.group })
  if (result?.status !== 'imported') throw new Error(`${name} was not imported`)
  return { key: result.machine.key, ref }
}

const template = (lab: Lab) =>
  lab.simulator.world.addMachine({
    name: 'golden',
    isTemplate: true,
    cpus: 1,
    memoryMiB: 1024,
    disks: [{ sizeMiB: 10_240, provisioning: 'thin' }],
  })

eachDatabase((db) => {
  describe('every path that adds or changes hardware', () => {
    it('charges what is on paper, no more and no less, from the first machine to the last', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group, network, simulator } = lab
      await kit.contingents.set(group, plenty)
      const other = (await kit.groups.add({ name: 'team-b', networks: [network], clusters: [cluster] })).key
      await kit.contingents.set(other, plenty)
      const step = async <T>(work: Promise<T>): Promise<T> => {
        const result = await work
        await booksAgree(lab)
        return result
      }

      const created = await step(lab.machine('created', small))
      const profile = await kit.profiles.add({ name: 'p', cluster, ...small, networks: [network] })
      const fromProfile = await step(
        kit.machines.createFromProfile(profile.key, { name: 'profiled', owner: group, cpus: 3 }),
      )
      await step(kit.machines.update(created, { cpus: 4, memoryMiB: 2048, diskMiB: 20_480 }))
      await step(kit.machines.update(created, { cpus: 2, memoryMiB: 1024, diskMiB: 10_240 }))
      await step(kit.machines.update(created, { owner: other }))
      await step(kit.machines.update(created, { owner: group, cpus: 3 }))

      const imported = await step(deployed(lab, 'imported'))
      await step(kit.snapshots.create(imported.key, { name: 'small' }))
      await step(kit.machines.update(imported.key, { cpus: 4, memoryMiB: 4096, diskMiB: 20_480 }))
      await step(kit.machines.update(imported.key, { cpus: 2 }))
      await step(kit.machines.update(imported.key, { owner: other }))
      await step(kit.snapshots.revert(imported.key, 1))
      expect(await kit.machines.get(imported.key)).toMatchObject({
        owner: other,
        cpus: 1,
        memoryMiB: 1024,
        diskMiB: 10_240,
      })
      simulator.faults.add({ method: 'machines.reconfigure', kind: 'refused', times: 1 })
      await expect(step(kit.machines.update(imported.key, { cpus: 8 }))).rejects.toMatchObject({
        code: 'HYPERVISOR_REFUSED',
      })
      await booksAgree(lab)

      template(lab)
      const wanted = { owner: group, cluster, template: 'golden', networks: [{ network }] }
      const cloned = await step(kit.templates.clone({ ...wanted, name: 'cloned', cpus: 2 }))
      expect(await step(ended(lab, cloned.operation))).toBeUndefined()
      simulator.faults.add({ method: 'templates.clone', kind: 'refused', times: 1 })
      const refused = await step(kit.templates.clone({ ...wanted, name: 'refused' }))
      expect(await step(ended(lab, refused.operation))).toMatchObject({ code: 'HYPERVISOR_REFUSED' })

      for (const key of [created, fromProfile.key, imported.key, cloned.machine.key]) {
        expect(await step(ended(lab, await step(kit.machines.remove(key))))).toBeUndefined()
      }
      expect((await kit.contingents.list()).map(({ used }) => used.vm)).toEqual([0, 0])
    })

    it('refuses with every dimension that blocks, and charges nothing then', async () => {
      await using lab = await openLab(await db.options())
      const { kit, cluster, group, simulator } = lab
      await kit.contingents.set(group, plenty)
      const planned = await lab.machine('planned', small)
      const { key, ref } = await deployed(lab, 'deployed')
      await kit.machines.update(key, { cpus: 3, memoryMiB: 3072 })
      await kit.snapshots.create(key, { name: 'large' })
      await kit.machines.update(key, { cpus: 1, memoryMiB: 1024 })
      const other = (await kit.groups.add({ name: 'team-b' })).key
      const foreign = await kit.machines.create({
        name: 'theirs',
        owner: other,
        cluster,
        ...small,
        cpus: 2,
        memoryMiB: 2048,
      })
      const profile = await kit.profiles.add({
        name: 'p',
        cluster,
        ...small,
        cpus: 2,
        memoryMiB: 2048,
        networks: [lab.network],
      })
      template(lab)
      simulator.world.addMachine({ name: 'outside', cpus: 2, memoryMiB: 2048 })
      // Room for one machine more, but for one cpu and 1024 MiB only.
      await kit.contingents.set(group, { vm: 3, cpu: 3, memory: 3072, disk: 1_000_000 })
      const grown = { cpus: 3, memoryMiB: 3072 }
      const wanted: MachineInput = { name: 'new', owner: group, cluster, ...small, cpus: 2, memoryMiB: 2048 }

      const paths: Readonly<Record<string, () => Promise<unknown>>> = {
        create: () => kit.machines.create(wanted),
        createFromProfile: () => kit.machines.createFromProfile(profile.key, { name: 'new', owner: group }),
        'update on paper': () => kit.machines.update(planned, grown),
        'resize deployed': () => kit.machines.update(key, grown),
        'change of owner': () => kit.machines.update(foreign.key, { owner: group }),
        import: async () => {
          const [result] = await kit.machines.import(cluster, { names: ['outside'], owner: group })
          if (result?.status === 'refused') throw result.error
        },
        clone: () =>
          kit.templates.clone({ name: 'new', owner: group, cluster, template: 'golden', cpus: 2, memoryMiB: 2048 }),
        revert: () => kit.snapshots.revert(key, 1),
      }
      for (const [path, attempt] of Object.entries(paths)) {
        const error: unknown = await attempt().then(
          () => 'nothing was refused',
          (cause: unknown) => cause,
        )
        const blocking = isVirtkitError(error, 'CONTINGENT_EXCEEDED') ? error.details.blocking : error
        expect([path, blocking]).toEqual([
          path,
          [
            { dimension: 'cpu', limit: 3, used: 2, reserved: 0, asked: 2 },
            { dimension: 'memory', limit: 3072, used: 2048, reserved: 0, asked: 2048 },
          ],
        ])
        await booksAgree(lab)
      }
      expect(simulator.world.machines().find((each) => each.ref === ref)).toMatchObject({ cpus: 1, memoryMiB: 1024 })
      expect(await kit.machines.compare(key)).toEqual([])
    })

    it('asks the licence wherever a machine comes to paper', async () => {
      const { publicKey, privateKey } = generateKeyPairSync('ed25519')
      const pem = { publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() }
      await using lab = await openLab(await db.options(), { licensing: pem })
      const { kit, cluster, group, simulator } = lab
      const terms = { customerId: 'C-1', virtualMachines: 1, issuedAt: 1, expiresAt: Date.now() + 86_400_000 }
      const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
      await kit.license.install(signLicense(privatePem, terms))
      await lab.machine('first', small)
      simulator.world.addMachine({ name: 'outside' })
      template(lab)
      const exceeded = { code: 'LICENSE_EXCEEDED', details: { limit: 1, used: 1, asked: 1 } }
      await expect(lab.machine('second', small)).rejects.toMatchObject(exceeded)
      await expect(kit.templates.clone({ name: 'c', owner: group, cluster, template: 'golden' })).rejects.toMatchObject(
        exceeded,
      )
      const results = await kit.machines.import(cluster, { names: ['outside'], owner: group })
      expect(results).toMatchObject([{ status: 'refused', error: exceeded }])
      const plan = await kit.machines.plan({ name: 'x', owner: group, cluster, ...small })
      expect(plan).toMatchObject({ isPossible: false, problems: [exceeded], license: { limit: 1, used: 1 } })
      await booksAgree(lab)
    })
  })
})
