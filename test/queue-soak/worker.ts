import { once } from 'node:events'
import { flushCompileCache } from 'node:module'
import { createInterface } from 'node:readline'
import { asUser, takeCommands } from '@virtkit/queue'
import { openEngine } from '@virtkit/test-engines/clients'
import { type WorkerJob, automation, queues } from './job.ts'
import { openKit } from './open-kit.ts'

// One of several workers: loads, waits for a line, takes commands then and works on operations until its standard input ends, or somebody kills it.

const job = JSON.parse(process.argv[2] ?? '') as WorkerJob
const input = createInterface({ input: process.stdin })
process.stdout.write('loaded\n')
if ((await Promise.race([once(input, 'line'), once(input, 'close')])).length === 0) process.exit()
await using open = new AsyncDisposableStack()
const kit = open.use(await openKit(job.database, job.key, { works: true, listen: false, publicOrigin: job.bootOrigin }))
const { engine, close } = await openEngine(job.engine, job.server)
open.defer(close)
const whoAsks = asUser(kit, automation)
open.use(await takeCommands(kit, { engine, from: queues.commands, whoAsks, results: queues.results }))
process.stdout.write('ready\n')
flushCompileCache() // who is killed does not come to it
await once(input, 'close')
