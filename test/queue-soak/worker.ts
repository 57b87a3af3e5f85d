import { asUser, takeCommands } from '@virtkit/queue'
import { openEngine } from '@virtkit/test-engines/clients'
import { type WorkerJob, automation, queues } from './job.ts'
import { openKit } from './open-kit.ts'

// One of several workers: takes commands and works on operations until its standard input ends, or somebody kills it.

const job = JSON.parse(process.argv[2] ?? '') as WorkerJob
await using open = new AsyncDisposableStack()
const kit = open.use(await openKit(job.database, job.key, { works: true, listen: false, publicOrigin: job.bootOrigin }))
const { engine, close } = await openEngine(job.engine, job.server)
open.defer(close)
const whoAsks = asUser(kit, automation)
open.use(await takeCommands(kit, { engine, from: queues.commands, whoAsks, results: queues.results }))
process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.resume().once('end', resolve))
