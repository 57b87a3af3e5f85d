import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { eachDatabase, type DatabaseLocation } from './each-database.ts'

interface Sqlite {
  exec(sql: string): void
  prepare(sql: string): { pluck(): { get(): unknown } }
  close(): void
}
const Database = createRequire(import.meta.url)('better-sqlite3') as new (path: string) => Sqlite

eachDatabase((db) => {
  it('answers with its own version', async () => {
    const version = await ask(await db.options(), { sqlite: 'select sqlite_version()', postgres: 'select version()' })
    expect(version).toMatch(db.engine === 'sqlite' ? /^3\.\d+\.\d+$/ : /^PostgreSQL 1\d\.|^PostgreSQL [2-9]\d\./)
  })

  it('is migrated and belongs to nobody, or has no table at all', async () => {
    const tables = {
      sqlite: `select count(*) from sqlite_master where name = 'virtkit_meta'`,
      postgres: `select count(*)::int from pg_tables where tablename = 'virtkit_meta'`,
    }
    expect(await ask(await db.options(), tables)).toBe(1)
    expect(await ask(await db.options(), 'select name from virtkit_meta')).toBeUndefined()
    expect(await ask(await db.empty(), tables)).toBe(0)
  })

  it('gives one database per name within a test', async () => {
    expect(await db.options()).toEqual(await db.options())
    expect(await db.options('other')).not.toEqual(await db.options())
  })

  describe('from one test to the next', () => {
    let earlier: DatabaseLocation | undefined
    it('a test may leave tables behind', async () => {
      earlier = await db.options()
      await ask(earlier, 'create table left_behind (id int)')
      await expect(ask(earlier, 'create table left_behind (id int)')).rejects.toThrow(/already exists/)
    })

    it('the next finds an empty database, and the earlier one is gone', async () => {
      await expect(ask(await db.options(), 'create table left_behind (id int)')).resolves.toBeUndefined()
      if (earlier && 'sqlite' in earlier) expect(existsSync(earlier.sqlite)).toBe(false)
      else await expect(ask(earlier!, 'select 1')).rejects.toThrow(/does not exist/)
    })
  })

  it('keeps what it is told on the disk, as in production', async () => {
    const durable = await ask(await db.empty(), { sqlite: 'pragma synchronous', postgres: 'show fsync' })
    expect(String(durable)).toBe(db.engine === 'sqlite' ? '2' : 'on')
  })
})

async function ask(location: DatabaseLocation, sql: string | { sqlite: string; postgres: string }): Promise<unknown> {
  if ('sqlite' in location) {
    const text = typeof sql === 'string' ? sql : sql.sqlite
    const database = new Database(location.sqlite)
    try {
      return text.startsWith('create') ? void database.exec(text) : database.prepare(text).pluck().get()
    } finally {
      database.close()
    }
  }
  const client = new Client({ connectionString: location.postgres })
  try {
    await client.connect()
    const { rows } = await client.query<unknown[]>({ text: typeof sql === 'string' ? sql : sql.postgres, rowMode: 'array' })
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}
