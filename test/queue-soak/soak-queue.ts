import { parseArgs } from 'node:util'
import { keepEngine } from '@virtkit/test-engines'
import { engineNames } from '@virtkit/test-engines/clients'
import { keepPostgres } from '@virtkit/test-databases/postgres'
import { runQueueSoak } from './run-queue-soak.ts'

// `npm run soak:queue -- --engine pg-boss|bullmq|amqp [--machines N] [--workers N] [--quiet]`: 2,000 installations by four workers, of which one
// is killed each second, while engine and database are taken away once each. `--quiet` disturbs nobody, for figures.

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'pg-boss' },
    machines: { type: 'string', default: '2000' },
    workers: { type: 'string', default: '4' },
    quiet: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const engine = engineNames.find((name) => name === values.engine)
if (engine === undefined) throw new Error(`There is no engine ${values.engine}, but ${engineNames.join(', ')}.`)

await using open = new AsyncDisposableStack()
const postgres = await keepPostgres()
open.defer(postgres.stop)
const kept = engine === 'pg-boss' ? undefined : await keepEngine(engine === 'bullmq' ? 'redis' : 'rabbitmq')
if (kept) open.defer(kept.stop)
const machines = Number(values.machines)
const report = await runQueueSoak({
  engine,
  database: postgres.url,
  server: kept?.url ?? postgres.url,
  machines,
  workers: Number(values.workers),
  disturbed: !values.quiet,
  limitMs: 7_200_000,
  ...(kept && { restartEngine: kept.restart }),
  onProgress: (text) => console.error(text),
})
for (const problem of report.problems) console.error(`✗ ${problem}`)
const rate = (machines / report.seconds).toFixed(1)
if (values.json) console.log(JSON.stringify(report))
else
  console.log(
    `${machines} machines over ${engine} by ${values.workers} workers in ${report.seconds} s (${rate} a second), ${report.kills} killed`,
  )
process.exitCode = report.problems.length === 0 ? 0 : 1
