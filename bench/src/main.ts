import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { keepPostgres } from '@virtkit/test-databases/postgres'
import { postgresDatabase, sqliteDatabase } from './bench-database.ts'
import { type BenchContext, type Engine, type Row, meetsTarget } from './figure.ts'
import { figures } from './figures.ts'
import { machineFacts } from './machine-facts.ts'
import { renderFacts, renderTable } from './table.ts'

// `npm run bench -- [figure …] [--engine sqlite|postgres] [--quick] [--json FILE] [--postgres URL] [--pool N]`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', multiple: true, default: ['sqlite', 'postgres'] },
    quick: { type: 'boolean', default: false },
    json: { type: 'string', default: 'bench-results.json' },
    postgres: { type: 'string' },
    pool: { type: 'string', default: '10' }, // as many as a kit opens by itself
  },
})
const isEngine = (name: string): name is Engine => name === 'sqlite' || name === 'postgres'
const engines = values.engine.filter(isEngine)
const unknown = [
  ...values.engine.filter((name) => !isEngine(name)),
  ...positionals.filter((name) => figures.every((figure) => figure.name !== name)),
]
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. Figures: ${figures.map(({ name }) => name).join(', ')}.`)
  process.exit(2)
}

const startedAt = performance.now()
const seconds = (): number => Math.round((performance.now() - startedAt) / 1000)
await using open = new AsyncDisposableStack()
const server = engines.includes('postgres') ? (values.postgres ?? (await startPostgres())) : undefined
const context: BenchContext = {
  engines,
  quick: values.quick,
  poolSize: Number(values.pool),
  database: async (engine) => (engine === 'sqlite' ? sqliteDatabase() : postgresDatabase(server!)),
  report: (progress) => console.error(`${String(seconds()).padStart(4)} s  ${progress}`),
}

const facts = await machineFacts(context)
const rows: Row[] = []
const failures: string[] = []
for (const figure of figures) {
  if (positionals.length > 0 && !positionals.includes(figure.name)) continue
  try {
    rows.push(...(await figure.run(context)))
  } catch (error) {
    failures.push(`${figure.name} could not be measured: ${error instanceof Error ? error.stack : String(error)}`)
  }
}
writeFileSync(values.json, `${JSON.stringify({ quick: values.quick, facts, rows }, null, 2)}\n`)
console.log(`${renderFacts(facts)}\n\n${renderTable(rows)}\n`)
const missed = rows.filter((row) => !meetsTarget(row)).length
const targets = rows.filter((row) => row.target).length
console.log(
  `${targets - missed} of ${targets} targets met. No address or reservation was handed out twice, or its row is void.`,
)
for (const failure of failures) console.error(failure)
console.error(`${seconds()} s; the same as JSON in ${values.json}`)
process.exitCode = failures.length === 0 && rows.length > 0 ? 0 : 1

async function startPostgres(): Promise<string> {
  const kept = await keepPostgres()
  open.defer(kept.stop)
  return kept.url
}
