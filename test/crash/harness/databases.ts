import type { DatabaseLocation } from '@virtkit/test-databases'
import Database from 'better-sqlite3'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'

/** Makes databases of one engine, new ones and copies. */
export interface Databases extends AsyncDisposable {
  readonly engine: 'sqlite' | 'postgres'
  create(): Promise<DatabaseLocation>
  /** Promises: an exact copy, of what was committed. Nobody uses the original meanwhile. */
  copy(original: DatabaseLocation): Promise<DatabaseLocation>
  remove(location: DatabaseLocation): Promise<void>
}

export function sqliteDatabases(folder: string): Databases {
  let last = 0
  const next = (): { sqlite: string } => ({ sqlite: join(folder, `${(last += 1)}.db`) })
  return {
    engine: 'sqlite',
    create: async () => next(),
    copy: async (original) => {
      const location = next()
      // What a killed process left in the log belongs to the file.
      const database = new Database(pathOf(original))
      database.pragma('wal_checkpoint(truncate)')
      database.close()
      await copyFile(pathOf(original), location.sqlite)
      return location
    },
    remove: async (location) => {
      for (const suffix of ['', '-wal', '-shm']) await rm(pathOf(location) + suffix, { force: true })
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

export async function postgresDatabases(url: string, prefix: string): Promise<Databases> {
  const server = new Client({ connectionString: url })
  await server.connect()
  let last = 0
  const make = async (template?: string): Promise<DatabaseLocation> => {
    const name = `${prefix}_${(last += 1)}`
    await server.query(`create database ${name}${template === undefined ? '' : ` template ${template}`}`)
    return { postgres: Object.assign(new URL(url), { pathname: `/${name}` }).href }
  }
  return {
    engine: 'postgres',
    create: () => make(),
    copy: async (original) => {
      const name = nameOf(original)
      // The server notices a moment later that a process is gone.
      for (;;) {
        const { rows } = await server.query('select 1 from pg_stat_activity where datname = $1', [name])
        if (rows.length === 0) return make(name)
        await setTimeout(5)
      }
    },
    remove: async (location) => void (await server.query(`drop database ${nameOf(location)} with (force)`)),
    [Symbol.asyncDispose]: () => server.end(),
  }
}

function pathOf(location: DatabaseLocation): string {
  return 'sqlite' in location ? location.sqlite : ''
}

function nameOf(location: DatabaseLocation): string {
  return 'postgres' in location ? new URL(location.postgres).pathname.slice(1) : ''
}
