import type { DatabaseOptions } from '@virtkit/core'
import SqliteDatabase from 'better-sqlite3'
import { Pool } from 'pg'
import type { DatabaseLocation } from '../bench-database.ts'

/** What a database was asked, counted where the kit hands it over: at the open handle. */
export interface Tally {
  statements: number
  /** Of transactions that changed a row, and of such statements outside of any. What changes nothing costs the disk nothing. */
  commits: number
  /** Commits by what they changed, in order: `update operations, insert events`. */
  readonly byWrites: Map<string, number>
}

export interface CountedDatabase extends AsyncDisposable {
  readonly options: DatabaseOptions
  readonly tally: Tally
}

/** Opens a database, so that every statement to it passes by here. */
export function openCounted(location: DatabaseLocation): CountedDatabase {
  const tally: Tally = { statements: 0, commits: 0, byWrites: new Map() }
  return 'sqlite' in location ? countedSqlite(location.sqlite, tally) : countedPostgres(location.postgres, tally)
}

function countedSqlite(path: string, tally: Tally): CountedDatabase {
  const handle = new SqliteDatabase(path)
  const count = counter(tally)
  const prepare = (sql: string) => {
    const statement = handle.prepare(sql)
    return {
      reader: statement.reader,
      all: (given: readonly unknown[]) => {
        const rows = statement.all(given)
        count(sql, rows.length)
        return rows
      },
      run: (given: readonly unknown[]) => {
        const result = statement.run(given)
        count(sql, result.changes)
        return result
      },
      iterate: (given: readonly unknown[]) => {
        count(sql, 0)
        return statement.iterate(given)
      },
    }
  }
  return {
    options: { sqlite: { prepare, pragma: (text) => handle.pragma(text), close: () => void handle.close() } },
    tally,
    [Symbol.asyncDispose]: async () => void handle.close(),
  }
}

function countedPostgres(url: string, tally: Tally): CountedDatabase {
  const pool = new Pool({ connectionString: url, max: 10 })
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    const count = counter(tally)
    const query = client.query.bind(client) as (...given: readonly unknown[]) => Promise<{ rowCount: number | null }>
    const counted = async (first: string | { readonly text: string }, ...more: readonly unknown[]) => {
      const result = await query(first, ...more)
      count(typeof first === 'string' ? first : first.text, result.rowCount ?? 0)
      return result
    }
    Object.assign(client, { query: counted })
  })
  return { options: { postgres: pool }, tally, [Symbol.asyncDispose]: () => pool.end() }
}

/** Of one connection: it knows whether a transaction is open, and what that has changed. */
function counter(tally: Tally): (sql: string, rows: number) => void {
  let open: string[] | undefined
  const commit = (writes: readonly string[]): void => {
    if (writes.length === 0) return
    const name = writes.join(', ')
    tally.commits += 1
    tally.byWrites.set(name, (tally.byWrites.get(name) ?? 0) + 1)
  }
  return (sql, rows) => {
    tally.statements += 1
    const [, verb, , table] =
      /^\s*(begin|start|commit|rollback|insert|update|delete)(\s+(?:into\s+|from\s+)?"?([a-z_]+))?/i.exec(sql) ?? []
    if (verb === 'begin' || verb === 'start') open = []
    else if (verb === 'commit') {
      commit(open ?? [])
      open = undefined
    } else if (verb === 'rollback') open = undefined
    else if (verb === undefined || rows === 0) return
    else if (open) open.push(`${verb} ${table}`)
    else commit([`${verb} ${table}`])
  }
}

/** What a database takes on disk, its log not counted, in bytes. */
export async function sizeOf(location: DatabaseLocation): Promise<number> {
  if ('sqlite' in location) {
    const handle = new SqliteDatabase(location.sqlite, { readonly: true })
    const pages = (name: string): number => Number(handle.pragma(name, { simple: true }))
    const bytes = (pages('page_count') - pages('freelist_count')) * pages('page_size')
    handle.close()
    return bytes
  }
  const pool = new Pool({ connectionString: location.postgres, max: 1 })
  const { rows } = await pool.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes')
  await pool.end()
  return Number(rows[0]?.bytes)
}
