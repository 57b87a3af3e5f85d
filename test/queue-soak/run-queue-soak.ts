import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Virtkit } from '@virtkit/core'
import type { CommandInput } from '@virtkit/queue'
import { type EngineName, openEngine } from '@virtkit/test-engines/clients'
import { Pool } from 'pg'
import { audit } from './audit.ts'
import { crashPostgres } from './crash-postgres.ts'
import { Crew } from './crew.ts'
import { type WorkerJob, automation } from './job.ts'
import { openKit } from './open-kit.ts'
import { Orders } from './orders.ts'
import { packChild, startChild } from './run-child.ts'

export interface QueueSoakOptions {
  readonly engine: EngineName
  /** Where its server is; of pg-boss the same as the database, or another. */
  readonly server: string
  readonly database: string
  readonly machines: number
  readonly workers: number
  /** Kills the engine's server and starts it again. Left out: it is the database. */
  readonly restartEngine?: () => Promise<void>
  /** False: nobody is killed, and nothing restarted. */
  readonly disturbed: boolean
  readonly limitMs: number
  readonly onProgress?: (text: string) => void
}

export interface QueueSoakReport {
  readonly problems: readonly string[]
  readonly kills: number
  /** From the first command to the last installation. */
  readonly seconds: number
}

/** Has machines made and installed by workers behind a queue while all of it dies now and then, and looks at what is left. */
export async function runQueueSoak(options: QueueSoakOptions): Promise<QueueSoakReport> {
  const { machines, disturbed } = options
  await using open = new AsyncDisposableStack()
  const programs = await Promise.all([packChild('serve-world.ts'), packChild('worker.ts')])
  open.defer(async () => void (await Promise.all(programs.map((each) => each.remove()))))
  const [serveWorld, worker] = programs.map(({ path }) => path)
  const world = startChild(serveWorld!, String(machines))
  open.defer(() => world.end())
  const { url: simulator } = JSON.parse(await world.nextLine()) as { url: string }
  const key = randomBytes(32).toString('base64')
  const kit = open.use(await openKit(options.database, key, { works: false, listen: { host: '127.0.0.1', port: 0 } }))
  const pool = open.adopt(new Pool({ connectionString: options.database, max: 2 }), (each) => each.end())
  pool.on('error', () => {})
  const wanted = await setUp(kit, simulator, machines)

  const { engine, close } = await openEngine(options.engine, options.server)
  open.defer(close)
  const { database, engine: name, server } = options
  const job: WorkerJob = { database, key, engine: name, server, bootOrigin: kit.bootOrigin! }
  const crew = new Crew(worker!, job)
  open.defer(() => crew.end())
  await crew.start(options.workers)
  const orders = new Orders(engine)
  await orders.listen()

  const startedAt = Date.now()
  if (disturbed) crew.beginToKill(1_000)
  const placing = orders.place(wanted)
  const countReady = async (): Promise<number> => {
    // A guest that is up is not yet an operation that has ended.
    const { rows } = await pool.query<{ ready: string }>(`select least(
      (select count(*) from installs where phase = 'ready'),
      (select count(*) from operations where state = 'succeeded')) as ready`)
    return Number(rows[0]?.ready)
  }
  const disturbances = disturbed
    ? [
        { at: machines / 4, text: 'the engine is killed', run: options.restartEngine ?? (() => crashPostgres(pool)) },
        { at: machines / 2, text: 'the database crashes', run: () => crashPostgres(pool) },
      ]
    : []
  const over = (ready: number): boolean => ready >= machines && orders.told.answers.size >= machines * 2
  let ready = 0
  let nextWord = Date.now()
  while (!over(ready) && Date.now() - startedAt < options.limitMs) {
    ready = await countReady().catch(() => ready)
    if (Date.now() >= nextWord) {
      nextWord += 5_000
      options.onProgress?.(`${ready} ready, ${orders.told.answers.size} answered, ${crew.kills} killed`)
    }
    const due = disturbances[0]
    if (due && ready >= due.at) {
      options.onProgress?.(due.text)
      disturbances.shift()
      await due.run()
    }
    await pause(100)
  }
  const seconds = (Date.now() - startedAt) / 1000
  if (over(ready)) await placing
  await crew.endKilling()
  const problems = await audit(kit, pool, { machines, simulator, told: orders.told })
  if (disturbances.length > 0) problems.push(`${disturbances.map(({ text }) => text).join(', ')}: that did not happen`)
  return { problems, kills: crew.kills, seconds }
}

async function setUp(kit: Virtkit, simulator: string, machines: number): Promise<CommandInput<'virtualMachines.create'>[]> {
  const { key: clusterkey } = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: simulator } })
  const lan = { name: 'lan', cluster: clusterkey, cidr: '10.20.0.0/16', gateway: '10.20.0.1', dns: ['10.20.0.1'] }
  const { key: network } = await kit.networks.add(lan)
  const password = randomBytes(18).toString('base64url')
  const { key: user } = await kit.users.add({ name: automation, password, permissionGroups: ['operator'] })
  const team = { name: 'team-a', users: [user], networks: [network], clusters: [clusterkey] }
  const { key: owner } = await kit.groups.add(team)
  // Room for what was asked for, and for nothing that would come of asking twice.
  const room = { vm: machines, cpu: machines * 2, memory: machines * 2048, disk: machines * 20_480 }
  await kit.contingents.set(owner, room)
  const size = { cpu: 2, ram: '2GB', disc: '20GB', oskey: 112 }
  const place = { owner, clusterkey, networks: [network], datastore: 'auto' }
  return Array.from({ length: machines }, (_, index) => ({ name: `m-${index + 1}`, ...place, ...size }))
}
