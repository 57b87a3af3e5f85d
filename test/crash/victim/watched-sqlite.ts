import type { DatabaseOptions } from '@virtkit/core'
import Database from 'better-sqlite3'
import type { SideEffects } from './side-effects.ts'
import { Statements } from './statements.ts'

/** An open SQLite file whose commits are watched. */
export function watchedSqlite(path: string, effects: SideEffects): DatabaseOptions {
  const database = new Database(path)
  const statements = new Statements(effects)
  const around = (sql: string, parameters: readonly unknown[], work: () => unknown): unknown => {
    const effect = statements.before(sql, parameters)
    const result = work()
    const written = Array.isArray(result) ? result.length : (result as Database.RunResult).changes
    statements.after(sql, parameters, written, effect)
    return result
  }
  const prepare = (sql: string) => {
    const statement = database.prepare(sql)
    return {
      reader: statement.reader,
      all: (parameters: readonly unknown[]) => around(sql, parameters, () => statement.all(...parameters)) as unknown[],
      run: (parameters: readonly unknown[]) =>
        around(sql, parameters, () => statement.run(...parameters)) as Database.RunResult,
      iterate: (parameters: readonly unknown[]) => statement.iterate(...parameters),
    }
  }
  return { sqlite: { prepare, pragma: (text) => database.pragma(text), close: () => database.close() } }
}
