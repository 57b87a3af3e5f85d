import type { ProvidedEngines } from '@virtkit/test-engines/provided'
import { Client } from 'pg'
import { inject } from 'vitest'
import type { EngineName } from '@virtkit/test-engines/clients'

/** Where the server of an engine is; of PostgreSQL, an empty database. */
export async function serverOf(name: EngineName): Promise<string> {
  const engines: ProvidedEngines = inject('engines')
  if ('missing' in engines) throw new Error(engines.missing)
  if (name === 'bullmq') return engines.redis
  if (name === 'amqp') return engines.amqp
  return emptyPostgres()
}

/** Why an engine cannot be tested here. */
export function lacks(name: EngineName): string | undefined {
  const from = name === 'pg-boss' ? inject('postgres') : inject('engines')
  return 'missing' in from ? from.missing : undefined
}

export async function emptyPostgres(): Promise<string> {
  const postgres = inject('postgres')
  if ('missing' in postgres) throw new Error(postgres.missing)
  const name = `queue_${crypto.randomUUID().replaceAll('-', '')}`
  const client = new Client({ connectionString: postgres.url })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  return Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href
}
