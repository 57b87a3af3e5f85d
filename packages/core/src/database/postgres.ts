import { VirtkitError } from '@virtkit/spi'
import { type Dialect, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'

/** The slice of pg's `Pool` that we need; a host may bring its own. */
export type PostgresHandle = PostgresPool

/**
 * For a new connection, or until one of the pool is free: who holds what others need may have been stopped for seconds (a paused
 * virtual machine, a suspended process), and all who wait for it in the database have a connection each.
 */
const patienceMs = 15_000

/** Opens a pool. Nothing is connected yet. Throws `PEER_MISSING`. */
export async function openPostgresPool(url: string, options: { max: number }): Promise<PostgresHandle> {
  const Pool = await importPool()
  const pool = new Pool({
    connectionString: url,
    max: options.max,
    connectionTimeoutMillis: patienceMs,
    application_name: 'virtkit',
  })
  // The same for connections that lie idle in the pool, and for those that end in the moment in which they are handed out.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** `pool` as `withOurTypes` answers it. */
export function postgresDialect(pool: PostgresHandle): Dialect {
  return new PostgresDialect({ pool })
}

/**
 * How values of our own columns are read: numbers, text, truth. A host's own pool must not be changed for everyone, so the
 * parsers are handed in with each query. Our 64-bit integers and sums stay below 2^53.
 */
const numeric: ReadonlySet<number> = new Set([20, 21, 23, 700, 701, 1700])
const boolean = 16
export const types = {
  getTypeParser: (oid: number): ((text: string) => unknown) =>
    numeric.has(oid) ? Number : oid === boolean ? (text) => text === 't' : (text) => text,
}

/** The same pool, whose columns are read so. */
export function withOurTypes(pool: PostgresHandle): PostgresHandle {
  const wrappers = new WeakMap<PostgresPoolClient, PostgresPoolClient>()
  return {
    ...(pool.Client ? { Client: pool.Client } : {}),
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect()
      const wrapper = wrappers.get(client) ?? withOurTypesClient(client)
      wrappers.set(client, wrapper)
      return wrapper
    },
  }
}

function withOurTypesClient(client: PostgresPoolClient): PostgresPoolClient {
  // A connection that breaks between two queries of a transaction tells so by an event, which ends the process when nobody
  // listens. The next query reports it.
  ;(client as { on?(event: 'error', listener: () => void): void }).on?.('error', () => {})
  const query = client.query.bind(client) as (text: unknown, values?: unknown) => unknown
  return new Proxy(client, {
    get(target, property) {
      if (property === 'query') {
        return (text: unknown, values?: unknown) =>
          typeof text === 'string' ? query({ text, values, types }) : query(text)
      }
      const value: unknown = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

interface PoolConstructor {
  new (options: object): PostgresHandle & {
    on(event: 'error', listener: () => void): void
    on(event: 'connect', listener: (client: { on(event: 'error', listener: () => void): void }) => void): void
  }
}

async function importPool(): Promise<PoolConstructor> {
  try {
    const specifier = 'pg'
    const module = (await import(specifier)) as { default: { Pool: PoolConstructor } }
    return module.default.Pool
  } catch (error) {
    throw new VirtkitError('PEER_MISSING', 'A PostgreSQL database needs the package pg, which is not installed.', {
      details: { package: 'pg', install: 'npm install pg' },
      hint: 'Run: npm install pg',
      cause: error,
    })
  }
}
