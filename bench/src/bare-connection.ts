import Database from 'better-sqlite3'
import { Pool } from 'pg'
import type { DatabaseLocation } from './bench-database.ts'

type Value = string | number | null
export type Cells = Readonly<Record<string, unknown>>

/**
 * The database without Virtkit, as lean as its client library allows: what the figures are held against. Commits are as durable as
 * the kit's.
 */
export interface BareConnection extends AsyncDisposable {
  readonly engine: 'sqlite' | 'postgres'
  /** What a kit takes to run on the same pool; SQLite's own locks need a second handle. */
  readonly forKit: { readonly sqlite: string } | { readonly postgres: Pool }
  /** A statement with `$1`, `$2`, … in this order, prepared once. Each call is a commit of its own. */
  prepare(text: string): (values: readonly Value[]) => Promise<readonly Cells[]>
  /** Several statements, no values. */
  script(text: string): Promise<void>
}

export function connect(location: DatabaseLocation, poolSize: number): BareConnection {
  return 'sqlite' in location ? onSqlite(location.sqlite) : onPostgres(location.postgres, poolSize)
}

function onSqlite(path: string): BareConnection {
  const handle = new Database(path, { timeout: 30_000 })
  handle.pragma('journal_mode = WAL')
  handle.pragma('synchronous = FULL')
  handle.pragma('foreign_keys = ON')
  return {
    engine: 'sqlite',
    forKit: { sqlite: path },
    prepare: (text) => {
      const statement = handle.prepare<Value[], Cells>(text.replaceAll(/\$\d+/g, '?'))
      return async (values) => {
        if (statement.reader) return statement.all(...values)
        statement.run(...values)
        return []
      }
    },
    script: async (text) => void handle.exec(text),
    [Symbol.asyncDispose]: async () => void handle.close(),
  }
}

function onPostgres(url: string, max: number): BareConnection {
  const pool = new Pool({ connectionString: url, max, application_name: 'virtkit-bench' })
  pool.on('error', () => {})
  let statements = 0
  return {
    engine: 'postgres',
    forKit: { postgres: pool },
    prepare: (text) => {
      const name = `bare_${(statements += 1)}`
      return async (values) => (await pool.query<Cells>({ name, text, values: [...values] })).rows
    },
    script: async (text) => void (await pool.query(text)),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}
