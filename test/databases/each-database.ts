import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, inject, it } from 'vitest'
import { engineTitles, type Engine } from './engines.ts'
import type { ProvidedPostgres } from './global-setup.ts'
import { memoryFolder } from './memory-folder.ts'

/** What `createVirtkit({ database })` takes. */
export type DatabaseLocation = { readonly sqlite: string } | { readonly postgres: string }

export interface TestDatabase {
  readonly engine: Engine
  /**
   * An empty database for the running test, removed after it. The same name within one test is the same database, so two
   * connections, two processes or two kits can meet in it; another name is another database. Not for `beforeAll`.
   */
  options(name?: string): Promise<DatabaseLocation>
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
  onEngine('sqlite', sqliteDatabases, declare)
  if ('url' in postgres) onEngine('postgres', () => postgresDatabases(postgres.url), declare)
  else {
    describe(engineTitles.postgres, () => {
      it('the same tests', (test) => test.skip(postgres.missing))
    })
  }
}

/** How an engine makes an empty database and removes it again. */
interface Databases {
  open(): Promise<void>
  create(): Promise<DatabaseLocation>
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

    declare({
      engine,
      async options(name = 'main') {
        if (ofThisTest === undefined)
          throw new Error('db.options() belongs inside a test or beforeEach: each test gets its own')
        const known = ofThisTest.get(name) ?? databases.create()
        ofThisTest.set(name, known)
        return known
      },
    })
  })
}

function sqliteDatabases(): Databases {
  const folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), 'virtkit-sqlite-'))
  const remove = (path: string): void => rmSync(path, { recursive: true, force: true })
  return {
    open: async () => {},
    create: async () => ({ sqlite: join(folder, `${randomUUID()}.db`) }),
    remove: async (location) => {
      if ('sqlite' in location) for (const suffix of ['', '-wal', '-shm', '-journal']) remove(location.sqlite + suffix)
    },
    close: async () => remove(folder),
  }
}

function postgresDatabases(url: string): Databases {
  const server = new Client({ connectionString: url })
  return {
    open: () => server.connect().then(() => {}),
    create: async () => {
      const name = `virtkit_${randomUUID().replaceAll('-', '')}`
      await server.query(`create database ${name}`)
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
