import { randomBytes } from 'node:crypto'
import { createSimulatedHypervisor, fastPace, standInInitrd, standInKernel } from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import type { VirtkitOptions } from '../options/options.ts'
import { createVirtkit } from '../virtkit.ts'

const passwordHash = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/'

eachDatabase((db) => {
  it('a kit without install media has machines of its catalog, and leaves their installations to one that has some', async () => {
    const simulator = createSimulatedHypervisor({ pace: fastPace })
    const bootFiles = memoryBootFiles({ kernel: standInKernel('x', 4096), initrd: standInInitrd('x', 4096) })
    const installMedia = netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles })
    const encryption = { keys: [{ id: 'test', key: randomBytes(32).toString('base64') }] }
    const shared: VirtkitOptions = { database: await db.options(), encryption, drivers: [simulator.driver] }

    const { wish, operation } = await within({ ...shared, installMedia, operations: { work: false } }, async (kit) => {
      const lab = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: simulator.url } })
      const lan = await kit.networks.add({ name: 'lan', cluster: lab.key, cidr: '10.20.0.0/24', gateway: '10.20.0.1' })
      const team = await kit.groups.add({ name: 'team-a', networks: [lan.key], clusters: [lab.key] })
      const place = { owner: team.key, cluster: lab.key, networks: [{ network: lan.key }] }
      const size = { ...place, os: 'debian-12', cpus: 1, memoryMiB: 2048, diskMiB: 20_480 }
      const { key } = await kit.machines.create({ ...size, name: 'm' })
      return { wish: size, operation: (await kit.installs.start(key, { passwordHash })).accepted.id }
    })
    await within({ ...shared, catalog: installMedia.catalog }, async (kit) => {
      const { key } = await kit.machines.create({ ...wish, name: 'n' })
      await expect(kit.installs.start(key)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
      // Work of another kind, accepted later, is carried out meanwhile.
      await kit.operations.wait((await kit.machines.remove(key)).id)
      expect(await kit.operations.get(operation)).toMatchObject({ state: 'pending', percent: 0 })
    })
    await within({ ...shared, catalog: undefined }, async (kit) => {
      await expect(kit.machines.create({ ...wish, name: 'o' })).rejects.toThrow(/the catalog is empty/)
    })
    await within({ ...shared, installMedia }, async (kit) => {
      expect(await kit.operations.wait(operation)).toMatchObject({ state: 'succeeded' })
    })
  }, 60_000)
})

async function within<T>(
  options: VirtkitOptions,
  use: (kit: Awaited<ReturnType<typeof createVirtkit>>) => Promise<T>,
): Promise<T> {
  await using kit = await createVirtkit(options)
  return await use(kit)
}
