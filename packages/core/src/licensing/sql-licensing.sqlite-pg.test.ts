import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createSimulatedHypervisor } from '@virtkit/driver-simulated'
import { type DatabaseLocation, eachDatabase } from '@virtkit/test-databases'
import { describe, expect, it } from 'vitest'
import { type Virtkit, createVirtkit } from '../virtkit.ts'
import { type LicenseTerms, signLicense } from './license-rules.ts'

function makeKeys(): { publicKey: string; privateKey: string } {
  const made = generateKeyPairSync('ed25519')
  return {
    publicKey: made.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: made.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

const { publicKey, privateKey } = makeKeys()
const another = makeKeys()
const day = 86_400_000
const terms: LicenseTerms = { customerId: 'C-17', virtualMachines: 2, issuedAt: 1, expiresAt: Date.now() + day }
const encryption = { keys: [{ id: 'a', key: randomBytes(32).toString('base64') }] }
const release = { id: 'tiny', name: 'Tiny', minimum: { cpus: 1, memoryMiB: 1, diskMiB: 1 } }
const installMedia = {
  catalog: { list: () => [release], find: (id: string) => (id === release.id ? release : undefined) },
  open: async () => ({ origin: 'http://127.0.0.1:1', [Symbol.asyncDispose]: async () => {} }),
}

/** A kit on the database; on one that is shared, another process, so to speak. */
async function openKit(database: DatabaseLocation, more: object = { licensing: { publicKey } }): Promise<Virtkit> {
  const simulator = createSimulatedHypervisor({ guests: 'none' })
  return createVirtkit({ database, encryption, drivers: [simulator.driver], installMedia: installMedia as never, ...more })
}

async function places(kit: Virtkit): Promise<(name: string, group?: 0 | 1) => Promise<unknown>> {
  const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: 'simulated:' } })
  const groups = [await kit.groups.add({ name: 'a' }), await kit.groups.add({ name: 'b' })] as const
  const size = { cpus: 1, memoryMiB: 1, diskMiB: 1, os: 'tiny', cluster: cluster.key }
  return (name, group = 0) => kit.machines.create({ name, owner: groups[group].key, ...size })
}

const failure = (code: string, details: object) =>
  expect.objectContaining({ code, details: expect.objectContaining(details) })

eachDatabase((db) => {
  describe('licensing', () => {
    it('is off without a public key, and says so', async () => {
      await using kit = await openKit(await db.options(), {})
      const create = await places(kit)
      await create('a')
      expect(await kit.license.get()).toEqual({ state: 'off', used: 1 })
      await expect(kit.license.install(signLicense(privateKey, terms))).rejects.toThrow('Licensing is off')
    })

    it('limits the machines of all groups together', async () => {
      await using kit = await openKit(await db.options())
      const create = await places(kit)
      await expect(create('a')).rejects.toEqual(failure('LICENSE_EXCEEDED', { limit: 0, used: 0, asked: 1 }))
      const document = signLicense(privateKey, terms)
      expect(await kit.license.install(` ${document}\n`)).toEqual({
        state: 'valid',
        license: { document, ...terms },
        limit: 2,
        used: 0,
      })
      await create('a', 0)
      await create('b', 1)
      await expect(create('c', 1)).rejects.toEqual(failure('LICENSE_EXCEEDED', { limit: 2, used: 2, asked: 1 }))
      expect(await kit.contingents.verify()).toEqual([])

      const [first] = await kit.machines.list()
      await kit.operations.wait((await kit.machines.remove(first!.key)).id)
      await create('c', 1)
      await kit.license.install(signLicense(privateKey, { ...terms, virtualMachines: 1 }))
      expect(await kit.license.get()).toMatchObject({ limit: 1, used: 2 })
      await kit.license.remove()
      expect(await kit.license.get()).toEqual({ state: 'missing', limit: 0, used: 2 })
    })

    it('takes nothing that the key did not sign', async () => {
      await using kit = await openKit(await db.options())
      const [said, signature] = signLicense(privateKey, terms).split('.')
      const more = Buffer.from(JSON.stringify({ ...terms, virtualMachines: 9999 })).toString('base64url')
      const forged = [`${more}.${signature}`, said!, `${said}.`, '', signLicense(another.privateKey, terms)]
      for (const each of forged) {
        await expect(kit.license.install(each)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      }
      const old = signLicense(privateKey, { ...terms, expiresAt: Date.now() - 1 })
      await expect(kit.license.install(old)).rejects.toThrow('has expired')
      expect((await kit.license.get()).state).toBe('missing')
    })

    it('that has been changed in the database is none, and one that has expired blocks growth', async () => {
      let late = 0
      const { systemClock } = await import('@virtkit/spi')
      const clock = { ...systemClock, now: () => Date.now() + late }
      await using kit = await openKit(await db.options(), { licensing: { publicKey }, clock })
      const create = await places(kit)
      const document = signLicense(privateKey, terms)
      await kit.license.install(document)
      await create('a')
      late = 2 * day
      expect(await kit.license.get()).toMatchObject({ state: 'expired', limit: 0, used: 1 })
      await expect(create('b')).rejects.toThrow('The licence has expired.')
      late = 0
      await kit.database.queries
        .updateTable('license')
        .set({ document: `x${document}` })
        .execute()
      expect((await kit.license.get()).state).toBe('missing')
    })

    it('of two processes that race for the last machine, exactly one gets it', async () => {
      const database = await db.options()
      await using one = await openKit(database)
      await using two = await openKit(database)
      const create = await places(one)
      await one.license.install(signLicense(privateKey, { ...terms, virtualMachines: 4 }))
      await create('first')
      const group = (await one.groups.list())[1]!.key
      const cluster = (await one.clusters.list())[0]!.key
      const size = { cpus: 1, memoryMiB: 1, diskMiB: 1, os: 'tiny', cluster, owner: group }
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, (_, at) =>
          at % 2 ? create(`one-${at}`) : two.machines.create({ name: `two-${at}`, ...size }),
        ),
      )
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
      for (const each of results) {
        if (each.status === 'rejected') expect(each.reason).toEqual(failure('LICENSE_EXCEEDED', { limit: 4 }))
      }
      expect(await two.license.get()).toMatchObject({ limit: 4, used: 4 })
    })
  })
})
