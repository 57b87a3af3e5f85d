import { type GuestProgram, createSimulatedHypervisor } from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import { type DatabaseLocation, eachDatabase } from '@virtkit/test-databases'
import { randomBytes } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { type Virtkit, createVirtkit } from '../virtkit.ts'

const passwordHash = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/'
const opened: AsyncDisposable[] = []

async function openKit(database: DatabaseLocation, guest: (report: string) => Promise<string[]>) {
  const program: GuestProgram = async (hardware) => {
    const medium = Buffer.from((await hardware.medium())!).toString('latin1')
    const folder = /http:\/\/\S+\/boot\/[^/\s]+\//.exec(medium)![0]
    await fetch(`${folder}script.ipxe`)
    for (const line of await guest(`${folder}report`)) hardware.console(line)
    await fetch(`${folder}report?phase=failed&detail=no+disk`)
  }
  const simulator = createSimulatedHypervisor({ guests: program })
  const bytes = { kernel: Buffer.from('kernel'), initrd: Buffer.from('initrd') }
  const installMedia = netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles: memoryBootFiles(bytes) })
  const encryption = { keys: [{ id: 'test', key: randomBytes(32).toString('base64') }] }
  const operations = { pollMs: 50 }
  const kit = await createVirtkit({ database, encryption, drivers: [simulator.driver], installMedia, operations })
  opened.push(kit)
  const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: simulator.url } })
  const network = await kit.networks.add({ name: 'lan', cluster: cluster.key, cidr: '10.20.0.0/16', gateway: '10.20.0.1' })
  const group = await kit.groups.add({ name: 'team', networks: [network.key], clusters: [cluster.key] })
  const place = { owner: group.key, cluster: cluster.key, networks: [{ network: network.key }] }
  const size = { cpus: 1, memoryMiB: 2048, diskMiB: 20_480, os: 'debian-12' }
  const { key } = await kit.machines.create({ name: 'web', ...place, ...size })
  return { kit, key, simulator }
}

async function failedRun(kit: Virtkit, runId: string) {
  await expect(kit.installs.whenReady(runId)).rejects.toMatchObject({ code: 'INSTALL_FAILED' })
  return kit.installs.get(runId)
}

eachDatabase((db) => {
  afterEach(async () => {
    for (const each of opened.splice(0).toReversed()) await each[Symbol.asyncDispose]()
  })

  it('tells the phases of a run that failed, what its console said last, and none of its secrets', async () => {
    let token = ''
    const { kit, key } = await openKit(await db.options(), async (report) => {
      token = /boot\/([^/]+)\//.exec(report)![1]!
      await fetch(`${report}?phase=installing&percent=20`)
      const early = Array.from({ length: 150 }, (_, index) => `line ${index}`)
      return [...early, `\u001B[31mkernel: url=${report}`, `root:${passwordHash}`, 'no disk\u0007 here']
    })
    const started = await kit.installs.start(key, { passwordHash })
    expect(started.phases).toEqual([{ phase: 'planned', startedAt: started.createdAt }])
    const run = await failedRun(kit, started.runId)
    expect(run.phases.map(({ phase }) => phase)).toEqual(['planned', 'published', 'booted', 'installing', 'failed'])
    const durations = run.phases.map(({ durationMs }) => durationMs)
    expect(durations.at(-1)).toBeUndefined()
    expect(durations.slice(0, -1).every((each) => each! >= 0)).toBe(true)
    expect(run.phases.at(-1)!.startedAt).toBeLessThanOrEqual(run.endedAt!)
    expect(run.consoleTail).toHaveLength(100)
    const [kernel, root, last] = run.consoleTail!.slice(-3)
    expect(kernel).toMatch(/^kernel: url=http:\/\/127\.0\.0\.1:\d+\/boot\/\*\*\*\/report$/)
    expect([root, last]).toEqual(['root:***', 'no disk here'])
    expect(token).toMatch(/.{20}/)
    expect(JSON.stringify(await kit.installs.ofMachine(key))).not.toContain(token)
  })

  it('a console that does not answer holds nothing up', async () => {
    const { kit, key, simulator } = await openKit(await db.options(), async () => ['a line'])
    const { fired } = simulator.faults.add({ method: 'console.tail', kind: 'gone', times: 1 })
    const run = await failedRun(kit, (await kit.installs.start(key)).runId)
    await fired
    expect(run).not.toHaveProperty('consoleTail')
  })

  it('one trace goes from the call to the last phase', async () => {
    let script = ''
    const { kit, key } = await openKit(await db.options(), async (report) => {
      script = await (await fetch(report.replace(/report$/, 'script.ipxe'))).text()
      return []
    })
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const started = await kit.installs.start(key, {}, { actor: { kind: 'system' }, trace })
    const [, id] = trace.split('-')
    expect(started.trace).toMatch(new RegExp(`^00-${id}-[0-9a-f]{16}-01$`))
    expect(started.trace).not.toBe(trace)
    expect(started.accepted.trace).toBe(started.trace)
    const run = await failedRun(kit, started.runId)
    expect(run.trace).toBe(started.trace)
    expect(script).toContain(` virtkit.trace=${started.trace}`)
    const events = await kit.events.list({ subject: `machine/${key}`, limit: 100 })
    const told = events.filter(({ type }) => type.startsWith('install.'))
    expect(told.length).toBeGreaterThan(2)
    expect(told.map(({ data }) => data.trace)).toEqual(told.map(() => started.trace))
  })

  it('a trace that is none is not carried on', async () => {
    const { kit, key } = await openKit(await db.options(), async () => [])
    const wrong = `00-${'0'.repeat(32)}-b7ad6b7169203331-01`
    const started = await kit.installs.start(key, {}, { actor: { kind: 'system' }, trace: wrong })
    expect(started.trace).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    await failedRun(kit, started.runId)
  })
})
