import type { DatabaseOptions } from '@virtkit/core'
import { Pool, type PoolClient, type QueryConfig, type QueryResult } from 'pg'
import type { SideEffects } from './side-effects.ts'
import { Statements } from './statements.ts'

type Handle = Exclude<Extract<DatabaseOptions, { postgres: unknown }>['postgres'], string>

/** A pool whose commits are watched, on whichever connection. */
export function watchedPostgres(url: string, effects: SideEffects): DatabaseOptions {
  const pool = new Pool({ connectionString: url, max: 4 })
  pool.on('error', () => {})
  const clients = new WeakMap<PoolClient, PoolClient>()
  const connect = async (): Promise<PoolClient> => {
    const client = await pool.connect()
    const known = clients.get(client) ?? watchedClient(client, effects)
    clients.set(client, known)
    return known
  }
  return { postgres: { options: {}, end: () => pool.end(), connect } as unknown as Handle }
}

function watchedClient(client: PoolClient, effects: SideEffects): PoolClient {
  const statements = new Statements(effects)
  const query = async (given: string | QueryConfig, values: unknown[] = []): Promise<QueryResult> => {
    const config = typeof given === 'string' ? { text: given, values } : given
    const parameters = config.values ?? []
    const effect = statements.before(config.text, parameters)
    const result = await client.query(config)
    statements.after(config.text, parameters, result.rowCount ?? 0, effect)
    return result
  }
  return new Proxy(client, {
    get(target, property) {
      if (property === 'query') return query
      const value: unknown = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
