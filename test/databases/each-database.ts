import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, inject, it } from 'vitest'
import { engineTitles, type Engine } from './engines.ts'
import type { ProvidedPostgres } from './global-setup.ts'
import { memoryFolder } from './memory-folder.ts'
import type { ProvidedPrepared } from './prepared-global-setup.ts'

/** What `createVirtkit({ database })` takes. */
export type DatabaseLocation = { readonly sqlite: string } | { readonly postgres: string }

export interface TestDatabase {
  readonly engine: Engine
  /**
   * A database for the running test, removed after it, as if a kit had just been opened on it for the first time: migrated, which takes
   * longer than most tests, and nothing in it. The same name within one test is the same database, so two connections, two
   * processes or two kits can meet in it; another name is another database. Not for `beforeAll`.
   */
  options(name?: string): Promise<DatabaseLocation>
  /** The same before that: nothing is in it, not even a table. */
  empty(): Promise<DatabaseLocation>
}

/**
 * Declares the same tests once for each database engine. Fails when there is no engine at all.
 *
 * @example
 * eachDatabase((db) => {
 *   it('an address is handed out once', async () => {
 *     await using kit = await createVirtkit({ database: await db.options() })
 *   })
 * })
 */
export function eachDatabase(declare: (db: TestDatabase) => void): void {
  const postgres: ProvidedPostgres | undefined = inject('postgres')
  if (postgres === undefined)
    throw new Error('eachDatabase needs the vitest project "databases": name the file *.sqlite-pg.test.ts')
  const { sqlite, postgres: template }: ProvidedPrepared = inject('prepared')
  onEngine('sqlite', () => sqliteDatabases(sqlite), declare)
  if ('url' in postgres) onEngine('postgres', () => postgresDatabases(postgres.url, template), declare)
  else {
    describe(engineTitles.postgres, () => {
      it('the same tests', (test) => test.skip(postgres.missing))
    })
  }
}

/** How an engine makes an empty database and removes it again. */
interface Databases {
  open(): Promise<void>
  create(how: 'prepared' | 'empty'): Promise<DatabaseLocation>
  remove(location: DatabaseLocation): Promise<void>
  close(): Promise<void>
}

function onEngine(engine: Engine, make: () => Databases, declare: (db: TestDatabase) => void): void {
  describe(engineTitles[engine], () => {
    const databases = make()
    let ofThisTest: Map<string, Promise<DatabaseLocation>> | undefined
    beforeAll(() => databases.open())
    beforeEach(() => {
      ofThisTest = new Map()
    })
    afterEach(async () => {
      const made = [...(ofThisTest?.values() ?? [])]
      ofThisTest = undefined
      for (const location of made) await databases.remove(await location)
    })
    afterAll(() => databases.close())

    const named = async (name: string, how: 'prepared' | 'empty'): Promise<DatabaseLocation> => {
      if (ofThisTest === undefined)
        throw new Error('a database belongs inside a test or beforeEach: each test gets its own')
      const known = ofThisTest.get(name) ?? databases.create(how)
      ofThisTest.set(name, known)
      return known
    }
    declare({
      engine,
      options: (name = 'main') => named(name, 'prepared'),
      empty: () => named('empty', 'empty'),
    })
  })
}

function sqliteDatabases(prepared: string): Databases {
  const folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), 'virtkit-sqlite-'))
  const remove = (path: string): void => rmSync(path, { recursive: true, force: true })
  return {
    open: async () => {},
    create: async (how) => {
      const path = join(folder, `${randomUUID()}.db`)
      if (how === 'prepared') copyFileSync(prepared, path)
      return { sqlite: path }
    },
    remove: async (location) => {
      if ('sqlite' in location) for (const suffix of ['', '-wal', '-shm', '-journal']) remove(location.sqlite + suffix)
    },
    close: async () => remove(folder),
  }
}

function postgresDatabases(url: string, prepared: string): Databases {
  const server = new Client({ connectionString: url })
  return {
    open: () => server.connect().then(() => {}),
    create: async (how) => {
      const name = `virtkit_${randomUUID().replaceAll('-', '')}`
      await server.query(`create database ${name}${how === 'prepared' ? ` template ${prepared}` : ''}`)
      return { postgres: Object.assign(new URL(url), { pathname: `/${name}` }).href }
    },
    remove: async (location) => {
      // "force" ends what the test left connected; it is the test's own database
      if ('postgres' in location)
        await server.query(`drop database ${new URL(location.postgres).pathname.slice(1)} with (force)`)
    },
    close: () => server.end(),
  }
}
