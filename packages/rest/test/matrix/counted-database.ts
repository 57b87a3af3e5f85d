import type { DatabaseOptions } from '@virtkit/core'
import type { DatabaseLocation } from '@virtkit/test-databases'
import SqliteDatabase from 'better-sqlite3'
import { Pool } from 'pg'

export interface CountedDatabase extends AsyncDisposable {
  readonly options: DatabaseOptions
  /** Of statements so far. */
  count(): number
}

/** What a kit asks by itself, at any time: what there is to tell, and to whom. */
const byItself = /\b(events|event_cursors|audit_links|notices|notification_deliveries|callback_deliveries|virtkit_meta)\b/

/** A database whose statements are counted: how much it is asked is time that tells, without a clock that is disturbed. */
export function openCounted(location: DatabaseLocation): CountedDatabase {
  let count = 0
  const asked = (sql: string): void => {
    if (!byItself.test(sql)) count += 1
  }
  const opened = 'sqlite' in location ? countedSqlite(location.sqlite, asked) : countedPostgres(location.postgres, asked)
  return { ...opened, count: () => count }
}

function countedSqlite(path: string, asked: (sql: string) => void): Omit<CountedDatabase, 'count'> {
  const handle = new SqliteDatabase(path)
  const prepare = (sql: string) => {
    const statement = handle.prepare(sql)
    const counted =
      <Result>(run: (given: readonly unknown[]) => Result) =>
      (given: readonly unknown[]): Result => {
        asked(sql)
        return run(given)
      }
    return {
      reader: statement.reader,
      all: counted((given) => statement.all(given)),
      run: counted((given) => statement.run(given)),
      iterate: counted((given) => statement.iterate(given)),
    }
  }
  return {
    options: { sqlite: { prepare, pragma: (text) => handle.pragma(text), close: () => void handle.close() } },
    [Symbol.asyncDispose]: async () => void handle.close(),
  }
}

function countedPostgres(url: string, asked: (sql: string) => void): Omit<CountedDatabase, 'count'> {
  const pool = new Pool({ connectionString: url, max: 10 })
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...given: readonly unknown[]) => unknown
    const counted = (first: string | { readonly text: string }, ...more: readonly unknown[]): unknown => {
      asked(typeof first === 'string' ? first : first.text)
      return query(first, ...more)
    }
    Object.assign(client, { query: counted })
  })
  return { options: { postgres: pool }, [Symbol.asyncDispose]: () => pool.end() }
}
