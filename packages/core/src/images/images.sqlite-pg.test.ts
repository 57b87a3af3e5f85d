import { type SimulatedHypervisor, createSimulatedHypervisor } from '@virtkit/driver-simulated'
import { builtinReleases, memoryBootFiles, netboot } from '@virtkit/netboot'
import type { AnyDriver, InstallMedia, MediumInfo } from '@virtkit/spi'
import { type DatabaseLocation, eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openDatabase } from '../database/open-database.ts'
import { type Virtkit, createVirtkit } from '../virtkit.ts'
import type { ImageStatus } from './images.ts'

const call = { signal: new AbortController().signal }
const encryption = { keys: [{ id: 'test', key: Buffer.alloc(32, 7).toString('base64') }] }
const systems = ['debian-12', 'rocky-9', 'ubuntu-24.04']
const releases = builtinReleases.filter(({ id }) => systems.includes(id))
const media = (publicOrigin?: string): InstallMedia =>
  netboot({
    listen: { host: '127.0.0.1', port: 0 },
    bootFiles: memoryBootFiles({ kernel: Buffer.from('kernel'), initrd: Buffer.from('initrd') }),
    releases,
    ...(publicOrigin !== undefined && { publicOrigin }),
  })

eachDatabase((db) => {
  describe('images', () => {
    let database: DatabaseLocation
    let simulator: SimulatedHypervisor
    let kits: Virtkit[]
    let kit: Virtkit
    let cluster: number

    const open = async (installMedia = media(), driver: AnyDriver = simulator.driver): Promise<Virtkit> => {
      const operations = { pollMs: 50 }
      const opened = await createVirtkit({ database, encryption, drivers: [driver], installMedia, operations })
      kits.push(opened)
      return opened
    }
    const found = async (name: string): Promise<MediumInfo | undefined> => {
      const session = await simulator.driver.connect({ url: simulator.url }, call)
      try {
        return await session.media?.find({ name }, call)
      } finally {
        await session[Symbol.asyncDispose]()
      }
    }
    /** Its boot server has not been heard of for long. */
    const killed = async ({ bootOrigin }: Virtkit): Promise<void> => {
      await using opened = await openDatabase(database)
      const silent = opened.database.queries.updateTable('bootServers').set({ seenAt: 0 })
      await silent.where('origin', '=', bootOrigin!).execute()
    }
    const statuses = (images: readonly ImageStatus[]) => images.map(({ status }) => status)
    const names = (images: readonly ImageStatus[]) => images.map(({ name }) => name)
    const all = (status: string) => systems.map(() => status)

    beforeEach(async () => {
      database = await db.options()
      simulator = createSimulatedHypervisor({ guests: 'none' })
      kits = []
      kit = await open()
      cluster = (await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: simulator.url } })).key
    })
    afterEach(async () => {
      for (const each of kits) await each.close()
      await simulator.close()
    })

    it('each comes once; one that is lost comes again, and what is in the way of one is told and left to the next time', async () => {
      const first = await kit.images.sync(cluster)
      expect(first.map(({ os }) => os).toSorted()).toEqual(systems)
      expect(statuses(first)).toEqual(all('uploaded'))
      for (const name of names(first)) expect(await found(name)).toMatchObject({ name })
      expect(await kit.images.sync(cluster)).toEqual(first.map((image) => ({ ...image, status: 'present' })))
      expect(simulator.calls.count('media.upload')).toBe(systems.length)

      const session = await simulator.driver.connect({ url: simulator.url }, call)
      for (const name of names(first)) await session.media?.remove((await found(name))!.ref, call)
      simulator.faults.add({ method: 'media.upload', kind: 'refused', after: 1, times: 1 })
      const [, refused, third] = await kit.images.sync(cluster)
      expect(refused).toEqual({ ...first[1], status: 'failed', reason: expect.stringMatching(/.{10}/) })
      expect(third).toEqual(first[2])
      expect(statuses(await kit.images.sync(cluster))).toEqual(['present', 'uploaded', 'present'])

      const by = {
        actor: { kind: 'user', user: 1, name: 'uma', permissions: new Set(['clusters:read']), groups: [] },
      } as const
      await expect(kit.images.sync(cluster, by)).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(kit.images.sync(99)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })

    it('two processes that sync at once upload each once and tell the same', async () => {
      const other = await open()
      const [ours, theirs] = await Promise.all([kit.images.sync(cluster), other.images.sync(cluster)])
      expect(names(theirs)).toEqual(names(ours))
      expect(simulator.calls.count('media.upload')).toBe(systems.length)
      for (const name of names(ours)) expect(await found(name)).toBeDefined()
    })

    it('an upload that breaks or whose process goes away leaves nothing half, and is done by whoever is left', async () => {
      simulator.faults.add({ method: 'media.upload', kind: 'gone', times: 1 })
      expect(statuses(await kit.images.sync(cluster))).toEqual(all('uploaded'))
      const rows = await kit.database.queries.selectFrom('clusterImages').select('name').execute()
      const session = await simulator.driver.connect({ url: simulator.url }, call)
      for (const { name } of rows) await session.media?.remove((await found(name))!.ref, call)

      const { fired } = simulator.faults.add({ method: 'media.upload', kind: 'hang', after: 1, times: 1 })
      const left = kit.images.sync(cluster).catch(() => 'gone')
      await fired
      const other = await open()
      const joined = other.images.sync(cluster)
      await kit.close()
      await left
      const images = await joined
      // The first was there when the other took over.
      expect(statuses(images)).toEqual(['present', 'uploaded', 'uploaded'])
      for (const { name } of images) expect(await found(name)).toBeDefined()
    })

    it('images that send guests to where nobody answers are replaced and taken away, and not before', async () => {
      const first = await kit.images.sync(cluster)
      const other = await open(media('http://boot.example.com:8080'))
      await kit.close()
      expect(await other.images.sync(cluster)).toEqual(first.map((image) => ({ ...image, status: 'present' })))
      await killed(kit)
      const second = await other.images.sync(cluster)
      expect(statuses(second)).toEqual(all('uploaded'))
      for (const name of names(first)) expect(await found(name)).toBeUndefined()
      for (const name of names(second)) expect(await found(name)).toBeDefined()
      const rows = await other.database.queries.selectFrom('clusterImages').select('name').execute()
      expect(rows.map(({ name }) => name).toSorted()).toEqual(names(second).toSorted())
    })

    it('an image that came to the cluster just before its process went away is not forgotten there', async () => {
      await kit.close()
      const { driver } = simulator
      const uploads: string[] = []
      const watched: AnyDriver = {
        ...driver,
        connect: async (...given: Parameters<typeof driver.connect>) => {
          const session = await driver.connect(...given)
          const upload = (...[image, ...more]: Parameters<NonNullable<typeof session.media>['upload']>) => {
            uploads.push(image.name)
            return session.media!.upload(image, ...more)
          }
          return { ...session, media: { ...session.media!, upload } }
        },
      }
      const dying = await open(media(), watched)
      const { fired } = simulator.faults.add({ method: 'media.upload', kind: 'hang', done: true, times: 1 })
      const left = dying.images.sync(cluster).catch(() => 'gone')
      await fired
      await vi.waitFor(async () => expect(await found(uploads[0]!)).toBeDefined())
      await dying.close()
      await left
      await killed(dying)
      const heir = await open(media('http://boot.example.com:8080'))
      expect(statuses(await heir.images.sync(cluster))).toEqual(all('uploaded'))
      expect(await found(uploads[0]!)).toBeUndefined()
    })

    it('install media without images say so for each system, a hypervisor without storage for them once', async () => {
      await kit.close()
      const plain: InstallMedia = {
        ...media(),
        open: async () => ({
          origin: 'http://boot.example.com',
          medium: () => Promise.reject(new Error('nobody installs here')),
          [Symbol.asyncDispose]: async () => {},
        }),
      }
      const without = await open(plain)
      const reason = 'These install media have no boot images.'
      expect(await without.images.sync(cluster)).toMatchObject(systems.map(() => ({ status: 'failed', reason })))
      await without.close()

      const { driver } = simulator
      const bare = {
        ...driver,
        connect: async (...given: Parameters<typeof driver.connect>) => {
          const { media: _, ...session } = await driver.connect(...given)
          return session
        },
      }
      const poor = await open(media(), bare)
      await expect(poor.images.sync(cluster)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    })
  })
})
