import type { Engine } from '@virtkit/core'
import type { DatabaseLocation } from '@virtkit/test-databases'
import Sqlite from 'better-sqlite3'
import { Pool, types } from 'pg'

/** Plain SQL on the soak's database, past all of our code: who audits does not ask the audited. */
export interface SqlDoor extends AsyncDisposable {
  readonly engine: Engine
  all<Row>(sql: string): Promise<Row[]>
  run(sql: string): Promise<void>
}

export function openSqlDoor(location: DatabaseLocation): SqlDoor {
  if ('sqlite' in location) {
    const db = new Sqlite(location.sqlite, { timeout: 30_000 })
    db.pragma('foreign_keys = OFF')
    return {
      engine: 'sqlite',
      all: async <Row>(sql: string) => db.prepare(sql).all() as Row[],
      run: async (sql) => void db.exec(sql),
      [Symbol.asyncDispose]: async () => void db.close(),
    }
  }
  const pool = new Pool({ connectionString: location.postgres, max: 2, types: { getTypeParser: parserOf } })
  // The database is dropped under idle connections when the test ends.
  pool.on('error', () => {})
  return {
    engine: 'postgres',
    all: async <Row>(sql: string) => (await pool.query(sql)).rows as Row[],
    run: async (sql) => void (await pool.query(sql)),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

const numbers: ReadonlySet<number> = new Set([20, 21, 23, 1700])

function parserOf(oid: number): (text: string) => unknown {
  return numbers.has(oid) ? Number : (types.getTypeParser(oid as never) as (text: string) => unknown)
}
