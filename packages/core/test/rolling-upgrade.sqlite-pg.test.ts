import { randomBytes } from 'node:crypto'
import { fastPace, simulated, standInInitrd, standInKernel, startSimulatorServer } from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import { eachDatabase } from '@virtkit/test-databases'
import type { Kysely } from 'kysely'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { migrations } from '../src/database/migrations/index.ts'
import type { VirtkitOptions } from '../src/options/options.ts'
import { type Virtkit, createVirtkit } from '../src/virtkit.ts'

const list = '../src/database/migrations/index.ts'

/** What a process of one version has. */
interface Version {
  readonly createVirtkit: typeof createVirtkit
  readonly simulated: typeof simulated
  readonly netboot: typeof netboot
}

/** The same code as a version later, which adds to the schema: modules of its own in this process. */
async function nextVersion(): Promise<Version> {
  const next = {
    name: '9999-12-31-next',
    up: async (db: Kysely<unknown>) => {
      await db.schema.alterTable('machines').addColumn('color', 'text').execute()
      await db.schema
        .alterTable('operations')
        .addColumn('weight', 'integer', (c) => c.notNull().defaultTo(1))
        .execute()
      await db.schema.createIndex('operations_weight').on('operations').column('weight').execute()
    },
  }
  vi.resetModules()
  vi.doMock(list, () => ({ migrations: [...migrations, next] }))
  const [core, driver, media] = await Promise.all([
    import('../src/virtkit.ts'),
    import('@virtkit/driver-simulated'),
    import('@virtkit/netboot'),
  ])
  return { createVirtkit: core.createVirtkit, simulated: driver.simulated, netboot: media.netboot }
}

afterEach(() => {
  vi.doUnmock(list)
  vi.resetModules()
})

eachDatabase((db) => {
  it('a version that runs goes on while the next one migrates under it; started again, it refuses', async () => {
    const simulator = await startSimulatorServer({ pace: fastPace })
    onTestFinished(() => simulator.close())
    const images = { kernel: standInKernel('upgrade', 8192), initrd: standInInitrd('upgrade', 8192) }
    const bootFiles = memoryBootFiles(images)
    const database = await db.options()
    const encryption = { keys: [{ id: 'test', key: randomBytes(32).toString('base64') }] }
    const open = (version: Version): Promise<Virtkit> => {
      const options: VirtkitOptions = {
        database,
        encryption,
        drivers: [version.simulated],
        installMedia: version.netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles }),
        operations: { pollMs: 50, concurrency: 2 },
      }
      return version.createVirtkit(options)
    }
    const first: Version = { createVirtkit, simulated, netboot }
    await using old = await open(first)
    const { key: cluster } = await old.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: simulator.url } })
    const lan = { name: 'lan', cluster, cidr: '10.20.0.0/24', gateway: '10.20.0.1', dns: ['10.20.0.1'] }
    const { key: network } = await old.networks.add(lan)
    const { key: owner } = await old.groups.add({ name: 'team-a', networks: [network], clusters: [cluster] })
    const begin = async (kit: Virtkit, name: string): Promise<string> => {
      const size = { cpus: 1, memoryMiB: 1024, diskMiB: 10_240, os: 'debian-12' }
      const { key } = await kit.machines.create({ name, owner, cluster, ...size, networks: [{ network }] })
      return (await kit.installs.start(key)).runId
    }
    const before = await begin(old, 'before')
    await using next = await open(await nextVersion())
    const [byOld, byNext] = [await begin(old, 'by-old'), await begin(next, 'by-next')]
    // Each waits for what the other has accepted, too.
    const ends = [old, next].flatMap((kit) => [before, byOld, byNext].map((run) => kit.installs.whenReady(run)))
    expect((await Promise.all(ends)).map(({ phase }) => phase)).toEqual(Array.from({ length: 6 }, () => 'ready'))

    await old.close()
    await expect(open(first)).rejects.toMatchObject({
      code: 'SCHEMA_TOO_NEW',
      details: { found: '9999-12-31-next' },
    })
    expect((await next.installs.whenReady(await begin(next, 'after'))).phase).toBe('ready')
    expect(
      simulator.world
        .machines()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['after', 'before', 'by-next', 'by-old'])
    await next.close()
  })
})
