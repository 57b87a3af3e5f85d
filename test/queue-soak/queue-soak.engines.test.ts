import type { ProvidedEngines } from '@virtkit/test-engines/provided'
import { type EngineName, engineNames } from '@virtkit/test-engines/clients'
import { Client } from 'pg'
import { expect, inject, it } from 'vitest'
import { runQueueSoak } from './run-queue-soak.ts'

// The short form of `npm run soak:queue`.

const engines: ProvidedEngines = inject('engines')
const postgres = inject('postgres')
const missing = 'missing' in engines ? engines.missing : 'missing' in postgres ? postgres.missing : undefined

const paths = { 'pg-boss': undefined, bullmq: 'redis', amqp: 'amqp' } as const

it.for(engineNames)(
  'over %s every command ends once, whoever is killed',
  { timeout: 480_000 },
  async (engine: EngineName, test) => {
    if ('missing' in engines || 'missing' in postgres) return test.skip(missing)
    const database = await emptyDatabase(postgres.url)
    const path = paths[engine]
    const report = await runQueueSoak({
      engine,
      database,
      server: path === undefined ? database : engines[path],
      machines: 24,
      workers: 4,
      disturbed: true,
      limitMs: 300_000,
      ...(path !== undefined && {
        restartEngine: async () => void (await fetch(`${engines.control}/${path}`)),
      }),
    })
    console.log(`queue soak over ${engine}: ${report.seconds} s, ${report.kills} killed`)
    expect(report.problems).toEqual([])
    expect(report.kills).toBeGreaterThan(0)
  },
)

async function emptyDatabase(url: string): Promise<string> {
  const name = `queue_soak_${crypto.randomUUID().replaceAll('-', '')}`
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  return Object.assign(new URL(url), { pathname: `/${name}` }).href
}
