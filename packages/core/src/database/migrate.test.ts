import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely } from 'kysely'
import { afterAll, expect, it } from 'vitest'
import { migrate } from './migrate.ts'
import type { SchemaMigration } from './migrations/index.ts'
import { openDatabase } from './open-database.ts'
import { openSqliteFile, sqliteDialect } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'migrate-'))
const open = new Set<Kysely<unknown>>()
afterAll(async () => {
  for (const db of open) await db.destroy()
  rmSync(folder, { recursive: true })
})

async function openFile(): Promise<Kysely<unknown>> {
  const db = new Kysely<unknown>({ dialect: sqliteDialect(await openSqliteFile(join(folder, 'lab.db'))) })
  open.add(db)
  return db
}

const makesTable = (name: string): SchemaMigration => ({
  name,
  up: (db) => db.schema.createTable(name).addColumn('x', 'text').execute(),
})
const breaks: SchemaMigration = {
  name: 'c-breaks',
  up: async (db) => {
    await db.schema.createTable('half').addColumn('x', 'text').execute()
    throw new Error('power cut')
  },
}
const tables = async (db: Kysely<unknown>): Promise<string[]> =>
  (await db.introspection.getTables()).map(({ name }) => name).filter((name) => !name.startsWith('virtkit_migrations'))

it('a migration that ends half-way leaves nothing on SQLite, and the next try begins anew', async () => {
  const db = await openFile()
  await expect(migrate(db, 'sqlite', [makesTable('a'), makesTable('b'), breaks])).rejects.toThrow('power cut')
  expect(await tables(db)).toEqual([])
  await migrate(db, 'sqlite', [makesTable('a'), makesTable('b')])
  expect(await tables(db)).toEqual(['a', 'b'])
})

it('a migration that comes later by an earlier name is carried out all the same', async () => {
  const db = new Kysely<unknown>({ dialect: sqliteDialect(await openSqliteFile(join(folder, 'late.db'))) })
  open.add(db)
  await migrate(db, 'sqlite', [makesTable('a'), makesTable('c')])
  await migrate(db, 'sqlite', [makesTable('a'), makesTable('b'), makesTable('c')])
  expect(await tables(db)).toEqual(['a', 'b', 'c'])
})

it('two that open a new SQLite file at once both find it migrated', async () => {
  const options = { sqlite: join(folder, 'both.db') }
  const [one, other] = await Promise.all([openDatabase(options), openDatabase(options)])
  expect(one.installation).toBe(other.installation)
  await one[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})
