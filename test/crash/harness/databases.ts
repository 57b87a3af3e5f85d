import type { DatabaseLocation } from '@virtkit/test-databases'
import Database from 'better-sqlite3'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Pool } from 'pg'

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

export function postgresDatabases(url: string, prefix: string): Databases {
  // One connection: what is asked at once is done one after the other.
  const server = new Pool({ connectionString: url, max: 1 })
  const remover = new Pool({ connectionString: url, max: 1 })
  const removed: Promise<unknown>[] = []
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
    // It takes long and nobody needs the room at once.
    remove: async (location) => void removed.push(remover.query(`drop database ${nameOf(location)} with (force)`)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(removed)
      await server.end()
      await remover.end()
    },
  }
}

function pathOf(location: DatabaseLocation): string {
  return 'sqlite' in location ? location.sqlite : ''
}

function nameOf(location: DatabaseLocation): string {
  return 'postgres' in location ? new URL(location.postgres).pathname.slice(1) : ''
}
