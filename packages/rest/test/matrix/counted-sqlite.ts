import type { DatabaseOptions } from '@virtkit/core'
import SqliteDatabase from 'better-sqlite3'

export interface CountedSqlite extends Disposable {
  readonly options: DatabaseOptions
  /** Of statements so far. */
  count(): number
}

/** What a kit asks by itself, at any time: what there is to tell, and to whom. */
const byItself = /\b(events|event_cursors|audit_links|notices|notification_deliveries|callback_deliveries|virtkit_meta)\b/

/** A file whose statements are counted: how much the database is asked is time that tells, without a clock that is disturbed. */
export function countedSqlite(path: string): CountedSqlite {
  const handle = new SqliteDatabase(path)
  let count = 0
  const prepare = (sql: string) => {
    const statement = handle.prepare(sql)
    const counted =
      <Result>(run: (given: readonly unknown[]) => Result) =>
      (given: readonly unknown[]): Result => {
        if (!byItself.test(sql)) count += 1
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
    count: () => count,
    [Symbol.dispose]: () => void handle.close(),
  }
}
