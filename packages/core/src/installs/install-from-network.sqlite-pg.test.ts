import { createSimulatedHypervisor } from '@virtkit/driver-simulated'
import { type InstallDesk, type InstallMedia, installPhases } from '@virtkit/spi'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import { eachDatabase } from '@virtkit/test-databases'
import { randomBytes } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { type Virtkit, createVirtkit } from '../virtkit.ts'

const opened: Virtkit[] = []
const slowly = { interval: 50, timeout: 20_000 }

interface Lab {
  readonly kit: Virtkit
  readonly desk: InstallDesk
  /** How often the hypervisor was asked to do something with its media. */
  mediaCalls(): number
  machine(name: string): Promise<{ readonly key: number; readonly macs: readonly string[] }>
}

/** A kit whose guests are us: we ask the desk as a boot server would. */
async function openLab(database: { readonly sqlite: string } | { readonly postgres: string }): Promise<Lab> {
  const bytes = { kernel: Buffer.from('kernel'), initrd: Buffer.from('initrd') }
  const { catalog } = netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles: memoryBootFiles(bytes) })
  let desk: InstallDesk | undefined
  const installMedia: InstallMedia = {
    catalog,
    open: async (theirs) => {
      desk = theirs
      return {
        origin: 'http://127.0.0.1:1',
        medium: async () => ({ kind: 'iso', sizeBytes: 0, content: async function* () {} }),
        [Symbol.asyncDispose]: async () => {},
      }
    },
  }
  const simulator = createSimulatedHypervisor({ guests: 'none' })
  const kit = await createVirtkit({
    database,
    encryption: { keys: [{ id: 'test', key: randomBytes(32).toString('base64') }] },
    drivers: [simulator.driver],
    installMedia,
    operations: { pollMs: 20 },
  })
  opened.push(kit)
  const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: simulator.url } })
  const lan = await kit.networks.add({ name: 'lan', cluster: cluster.key, cidr: '10.20.0.0/16', gateway: '10.20.0.1' })
  const group = await kit.groups.add({ name: 'team-a', networks: [lan.key], clusters: [cluster.key] })
  return {
    kit,
    desk: desk!,
    mediaCalls: () =>
      ['upload', 'insert', 'eject', 'remove'].reduce((sum, name) => sum + simulator.calls.count(`media.${name}`), 0),
    machine: async (name) => {
      const { key } = await kit.machines.create({
        name,
        owner: group.key,
        cluster: cluster.key,
        networks: [{ network: lan.key }, { network: lan.key }],
        cpus: 1,
        memoryMiB: 2048,
        diskMiB: 20_480,
        os: 'debian-12',
      })
      const { networks } = await kit.machines.get(key)
      return { key, macs: networks.map(({ mac }) => mac) }
    },
  }
}

eachDatabase((db) => {
  afterEach(async () => {
    for (let each = opened.pop(); each; each = opened.pop()) await each.close()
  })

  it('a run from the network needs no medium, and is found by its first card until it has ended', async () => {
    const { kit, desk, mediaCalls, machine } = await openLab(await db.options())
    const { key, macs } = await machine('by-network')
    const [first = '', second = ''] = macs
    expect(await desk.findByCard(first)).toBeUndefined()
    const { runId } = await kit.installs.start(key, { boot: 'network' })
    const found = await desk.findByCard(first)
    expect(found).toMatchObject({ serve: 'install', plan: { runId, boot: 'network' } })
    expect(await desk.find(found?.token ?? '')).toMatchObject({ plan: { runId } })
    expect(await desk.findByCard(second)).toBeUndefined()

    await expect.poll(async () => (await kit.installs.get(runId)).phase, slowly).toBe('published')
    for (const phase of installPhases.slice(0, -1)) expect(await desk.report(found?.token ?? '', { phase })).toBe(true)
    expect(await desk.findByCard(first)).toMatchObject({ serve: 'boot-disk' })
    await desk.report(found?.token ?? '', { phase: 'ready' })
    const installed = await kit.installs.whenReady(runId)
    expect(installed.phases.map(({ phase }) => phase)).toEqual(['planned', 'published', ...installPhases])
    expect(await desk.findByCard(first)).toBeUndefined()
    expect(mediaCalls()).toBe(0)
    expect((await kit.machines.get(key)).state).toBe('deployed')
  })

  it('a run from the network that fails leaves nothing, and the next one has another token', async () => {
    const { kit, desk, mediaCalls, machine } = await openLab(await db.options())
    const { key, macs } = await machine('fails')
    const { runId } = await kit.installs.start(key, { boot: 'network' })
    const found = await desk.findByCard(macs[0] ?? '')
    await desk.report(found?.token ?? '', { phase: 'failed', detail: 'no disk' })
    await expect(kit.installs.whenReady(runId)).rejects.toMatchObject({ code: 'INSTALL_FAILED' })
    expect(await desk.findByCard(macs[0] ?? '')).toBeUndefined()
    await kit.installs.start(key, { boot: 'network' })
    const next = await desk.findByCard(macs[0] ?? '')
    expect(next?.token).not.toBe(found?.token)
    expect(mediaCalls()).toBe(0)
  })

  it('a run with a medium is not found by its card, and a word that is none is refused', async () => {
    const { kit, desk, machine } = await openLab(await db.options())
    const { key, macs } = await machine('by-medium')
    await expect(kit.installs.start(key, { boot: 'floppy' as never })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('boot'),
    })
    await kit.installs.start(key)
    expect(await desk.findByCard(macs[0] ?? '')).toBeUndefined()
  })
})
