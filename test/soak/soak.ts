import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { DatabaseLocation } from '@virtkit/test-databases'
import { Client } from 'pg'
import { checks } from './finding.ts'
import { type SoakReport, runSoak } from './run-soak.ts'

// `npm run soak`: four processes of sixteen clients make 100,000 random moves on each engine while they are killed now and then.
// Ends with 0 when nothing was found. `-- --moves 5000 --seed 7 --engine sqlite` for less.

const { values } = parseArgs({
  options: {
    moves: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    engine: { type: 'string', multiple: true, default: ['sqlite', 'postgres'] },
    'limit-minutes': { type: 'string', default: '60' },
  },
})
const moves = Number(values.moves)
const seed = Number(values.seed)
let failed = false

for (const engine of values.engine) {
  await using place = engine === 'sqlite' ? sqlitePlace() : await postgresPlace()
  console.log(`${engine}: ${moves} moves, --seed ${seed}`)
  let shown = 0
  const report = await runSoak({
    database: place.database,
    seed,
    moves,
    limitMs: Number(values['limit-minutes']) * 60_000,
    onProgress: (done, kills) => {
      if (done - shown < moves / 20) return
      shown = done
      console.log(`${engine}: ${done} moves, ${kills} processes killed`)
    },
  })
  console.log(summary(engine, report))
  failed ||= report.problems.length > 0 || report.moves < moves || report.judged === 0 || report.kills === 0
}
console.log(failed ? '✗ the soak found something' : '✓ the soak found nothing')
process.exit(failed ? 1 : 0)

function summary(engine: string, report: SoakReport): string {
  const { problems, kinds, refusals } = report
  const table = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')
  return [
    `${engine}: ${report.moves} moves in ${report.seconds} s (${Math.round(report.moves / report.seconds)}/s), ` +
      `${report.kills} kills, ${report.pauses} pauses, ${report.unknown} moves cut short, ${report.takenOver} operations taken over`,
    `  moves: ${table(kinds)}`,
    `  refused: ${table(refusals)}`,
    `  ${report.judged} refusals of contingents held against ${report.facts} facts`,
    ...checks.map((check) => `  ${check}: ${problems.filter((problem) => problem.check === check).length}`),
    ...problems.slice(0, 30).map(({ check, text }) => `  ✗ ${check}: ${text}`),
    ...(problems.length > 30 ? [`  … and ${problems.length - 30} more`] : []),
  ].join('\n')
}

interface Place extends AsyncDisposable {
  readonly database: DatabaseLocation
}

function sqlitePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-soak-db-'))
  return {
    database: { sqlite: join(folder, 'soak.db') },
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A PostgreSQL of its own, or an empty database on the one that `VIRTKIT_TEST_POSTGRES` names. */
async function postgresPlace(): Promise<Place> {
  const given = process.env.VIRTKIT_TEST_POSTGRES
  const keeper = given === undefined ? await keepPostgres() : { url: given, stop: async () => {} }
  const server = new Client({ connectionString: keeper.url })
  await server.connect()
  const name = `virtkit_soak_${process.pid}`
  await server.query(`create database ${name}`)
  return {
    database: { postgres: Object.assign(new URL(keeper.url), { pathname: `/${name}` }).href },
    [Symbol.asyncDispose]: async () => {
      await server.query(`drop database ${name} with (force)`)
      await server.end()
      await keeper.stop()
    },
  }
}

async function keepPostgres(): Promise<{ url: string; stop: () => Promise<void> }> {
  const program = fileURLToPath(new URL('../databases/serve-postgres.ts', import.meta.url))
  const keeper = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(keeper, 'close')
  const first = once(createInterface({ input: keeper.stdout }), 'line')
  const line = await Promise.race([first.then(([text]) => String(text)), ended.then(() => undefined)])
  if (line === undefined) throw new Error('PostgreSQL could not be started')
  const stop = async (): Promise<void> => {
    keeper.stdin.end()
    await ended
  }
  return { url: (JSON.parse(line) as { url: string }).url, stop }
}
