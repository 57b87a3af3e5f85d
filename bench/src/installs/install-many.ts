import { randomBytes } from 'node:crypto'
import { type VirtkitOptions, createVirtkit } from '@virtkit/core'
import {
  createSimulatedHypervisor,
  createVirtualClock,
  defaultPace,
  simulated,
  standInInitrd,
  standInKernel,
} from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import type { DatabaseLocation } from '../bench-database.ts'
import { openCounted, sizeOf } from './counted-database.ts'
import { peakMiB, youngMiB } from './peak-memory.ts'
import { roomyWorld } from './roomy-world.ts'

/** What this program is told, as JSON in its one argument. */
export interface InstallManyInput {
  readonly database: DatabaseLocation
  readonly machines: number
  /** Of a simulator in another process. Left out: the world is in this one, and time is virtual. */
  readonly world?: string
}

/** And what it says, as JSON on its last line. */
export interface InstallManyOutput {
  readonly peakMiB: number
  /** What V8 has for new objects, most of it garbage at any time. */
  readonly youngMiB: number
  readonly afterMiB: number
  readonly wallS: number
  readonly statements: number
  readonly commits: number
  readonly byWrites: Readonly<Record<string, number>>
  /** Of this process, each. */
  readonly cpuMs: number
  /** What the database has grown by, each, its log not counted. */
  readonly keptKiB: number
}

// Given, as a fleet would: a random one for each is 5,000 rounds of SHA-512, which is time and not memory.
const passwordHash = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/'

const input = JSON.parse(process.argv[2] ?? '') as InstallManyInput
process.stdout.write(`${JSON.stringify(await installMany(input))}\n`)

/** Makes so many machines and installs them all at once; counted from the first `installs.start` on. */
async function installMany({ database, machines, world }: InstallManyInput): Promise<InstallManyOutput> {
  await using counted = openCounted(database)
  const clock = world === undefined ? createVirtualClock() : undefined
  const simulator = clock && createSimulatedHypervisor({ clock, pace: defaultPace, world: roomyWorld(machines) })
  const options: VirtkitOptions = {
    database: counted.options,
    encryption: { keys: [{ id: 'bench', key: randomBytes(32).toString('base64') }] },
    drivers: [simulator?.driver ?? simulated],
    installMedia: netboot({
      listen: { host: '127.0.0.1', port: 0 },
      bootFiles: memoryBootFiles({ kernel: standInKernel('bench', 8192), initrd: standInInitrd('bench', 8192) }),
    }),
    ...(clock ? { clock } : {}),
  }
  await using kit = await createVirtkit(options)
  const url = simulator?.url ?? world!
  const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url } })
  const network = await kit.networks.add({
    name: 'lan',
    cluster: cluster.key,
    cidr: '10.20.0.0/16',
    gateway: '10.20.0.1',
    dns: ['10.20.0.1'],
  })
  const group = await kit.groups.add({ name: 'team-a', networks: [network.key], clusters: [cluster.key] })
  const place = { owner: group.key, cluster: cluster.key, networks: [{ network: network.key }] }
  const size = { cpus: 2, memoryMiB: 2048, diskMiB: 20_480, os: 'debian-12' }
  const names = Array.from({ length: machines }, (_, index) => `m-${index + 1}`)
  const made = await Promise.all(names.map((name) => kit.machines.create({ name, ...place, ...size })))

  counted.tally.byWrites.clear()
  Object.assign(counted.tally, { statements: 0, commits: 0 })
  const sizeBefore = await sizeOf(database)
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const ready = await Promise.all(
    made.map(async (machine) => {
      const { runId } = await kit.installs.start(machine.key, { passwordHash })
      return kit.installs.whenReady(runId)
    }),
  )
  const wallS = (performance.now() - startedAt) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  const kept = (await sizeOf(database)) - sizeBefore
  if (ready.some((install) => install.phase !== 'ready')) throw new Error('an installation did not end ready')
  const { statements, commits, byWrites } = counted.tally
  const output = {
    peakMiB: peakMiB(),
    youngMiB: youngMiB(),
    afterMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
    wallS,
    statements: statements / machines,
    commits: commits / machines,
    cpuMs: (cpu.user + cpu.system) / 1000 / machines,
    keptKiB: kept / 1024 / machines,
    byWrites: Object.fromEntries([...byWrites].map(([name, count]) => [name, count / machines])),
  }
  clock?.auto(false)
  await kit.close()
  await simulator?.close()
  return output
}
