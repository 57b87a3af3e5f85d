import { createSimulatedHypervisor } from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import { type InstallDesk, type InstallMedia, type InstallReport, installPhases } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import fc from 'fast-check'
import { randomBytes } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { type Virtkit, createVirtkit } from '../virtkit.ts'

const passwordHash = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/'
const opened: AsyncDisposable[] = []

interface Run {
  readonly runId: string
  readonly machine: number
  readonly token: string
}

/** A kit whose guests are us: we hold the desk that a boot server would ask, and nobody works on the operations. */
async function openDesk(
  database: { readonly sqlite: string } | { readonly postgres: string },
): Promise<{ kit: Virtkit; desk: InstallDesk; start(): Promise<Run> }> {
  const bytes = { kernel: Buffer.from('kernel'), initrd: Buffer.from('initrd') }
  const { catalog } = netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles: memoryBootFiles(bytes) })
  let desk: InstallDesk | undefined
  let token = ''
  const installMedia: InstallMedia = {
    catalog,
    open: async (theirs) => {
      desk = theirs
      return {
        origin: 'http://127.0.0.1:1',
        medium: async (_, itsToken) => {
          token = itsToken
          return { kind: 'iso', sizeBytes: 0, content: async function* () {} }
        },
        [Symbol.asyncDispose]: async () => {},
      }
    },
  }
  const simulator = createSimulatedHypervisor({ guests: 'none' })
  const encryption = { keys: [{ id: 'test', key: randomBytes(32).toString('base64') }] }
  const drivers = [simulator.driver]
  const kit = await createVirtkit({ database, encryption, drivers, installMedia, operations: { work: false } })
  opened.push(kit)
  const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: simulator.url } })
  const network = await kit.networks.add({ name: 'lan', cluster: cluster.key, cidr: '10.20.0.0/16', gateway: '10.20.0.1' })
  const group = await kit.groups.add({ name: 'team-a', networks: [network.key], clusters: [cluster.key] })
  let count = 0
  const start = async (): Promise<Run> => {
    const place = { owner: group.key, cluster: cluster.key, networks: [{ network: network.key }] }
    const size = { cpus: 1, memoryMiB: 2048, diskMiB: 20_480, os: 'debian-12' }
    const { key } = await kit.machines.create({ name: `m-${(count += 1)}`, ...place, ...size })
    const { runId } = await kit.installs.start(key, { passwordHash })
    return { runId, machine: key, token }
  }
  return { kit, desk: desk!, start }
}

interface Model {
  readonly phase: string
  readonly percent: number
  readonly isEnded: boolean
}

const floors: Readonly<Record<string, number>> = {
  planned: 0,
  published: 2,
  booted: 5,
  installing: 10,
  finishing: 90,
  ready: 100,
}
const ranks = Object.keys(floors)

/** What one report makes of a run, counted on fingers. */
function after(model: Model, report: InstallReport): Model {
  if (model.isEnded || model.phase === 'failed' || model.phase === 'ready') return model
  if (report.phase === 'failed') return { ...model, phase: 'failed' }
  const phase = ranks[Math.max(ranks.indexOf(model.phase), ranks.indexOf(report.phase))]!
  const reached = Math.min(100, Math.floor(report.percent ?? floors[phase]!))
  return { ...model, phase, percent: Math.max(model.percent, reached) }
}

const anyPercent = fc.double({ min: -10, max: 130, noNaN: true })
const reportOf = (...phases: InstallReport['phase'][]): fc.Arbitrary<InstallReport> =>
  fc.record({ phase: fc.constantFrom(...phases), percent: anyPercent }, { requiredKeys: ['phase'] })
/** Failures end everything, so there are few. */
const likelyReport = fc.oneof(
  { weight: 12, arbitrary: reportOf(...installPhases) },
  { weight: 1, arbitrary: reportOf('failed') },
)
const deeds = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.array(likelyReport, { minLength: 1, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.constant('end' as const) },
  ),
  { maxLength: 14 },
)

eachDatabase((db) => {
  afterEach(async () => {
    for (let each = opened.pop(); each; each = opened.pop()) await each[Symbol.asyncDispose]()
  })

  it('late, repeated and simultaneous reports of several boots leave a run where one after the other would have', async () => {
    const { kit, desk, start } = await openDesk(await db.options())
    await fc.assert(
      fc.asyncProperty(deeds, async (sequence) => {
        const run = await start()
        let model: Model = { phase: 'planned', percent: 0, isEnded: false }
        for (const deed of sequence) {
          if (deed === 'end') {
            const ended = { phase: model.phase === 'ready' ? ('ready' as const) : ('failed' as const), endedAt: 1 }
            await kit.database.queries.updateTable('installs').set(ended).where('runId', '=', run.runId).execute()
            model = { ...model, phase: ended.phase, isEnded: true }
          } else {
            const heard = await Promise.all(deed.map((each) => desk.report(run.token, each)))
            expect(heard).toEqual(deed.map(() => !model.isEnded))
            const orders = [deed, deed.toReversed()].map((order) => order.reduce(after, model))
            const { phase, percent } = await kit.installs.get(run.runId)
            expect(orders).toContainEqual({ phase, percent, isEnded: model.isEnded })
            model = { ...model, phase, percent }
          }
          const installs = !model.isEnded && ['planned', 'published', 'booted', 'installing'].includes(model.phase)
          expect((await desk.find(run.token))?.serve).toBe(installs ? 'install' : 'boot-disk')
        }
        const told = (await kit.events.list({ subject: `machine/${run.machine}`, limit: 1000 }))
          .filter(({ type }) => type === 'install.progressed')
          .map(({ data }) => ({
            percent: Number(data['percent']),
            rank: [...ranks, 'failed'].indexOf(String(data['phase'])),
          }))
        for (const field of ['percent', 'rank'] as const) {
          const values = told.map((each) => each[field])
          expect(values).toEqual(values.toSorted((a, b) => a - b))
        }
      }),
      { numRuns: 25 },
    )
  })

  it('a token that nobody was given finds nothing and is not heard', async () => {
    const { desk, start } = await openDesk(await db.options())
    await start()
    expect(await desk.find('no-such-token')).toBeUndefined()
    expect(await desk.report('no-such-token', { phase: 'booted' })).toBe(false)
  })
})
