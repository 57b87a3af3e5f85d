import type { TestProject } from 'vitest/node'
import { installPostgres } from './find-postgres.ts'
import { keepPostgres } from './keep-postgres.ts'

/** What the tests are told about PostgreSQL: where it is, or why there is none. */
export type ProvidedPostgres = { readonly url: string } | { readonly missing: string }

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: ProvidedPostgres
  }
}

/** Brings one PostgreSQL up before the `databases` project and takes it down after. `VIRTKIT_TEST_POSTGRES` names another. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.VIRTKIT_TEST_POSTGRES
  if (given) {
    project.provide('postgres', { url: given })
    return async () => {}
  }
  try {
    const server = await keepPostgres({ quick: true })
    project.provide('postgres', { url: server.url })
    return server.stop
  } catch (error) {
    const missing = error instanceof Error ? error.message : String(error)
    if (process.env.CI)
      throw new Error(`In CI the storage tests need PostgreSQL. ${missing}\nTo install it: ${installPostgres}`, {
        cause: error,
      })
    console.warn(`Storage tests run on SQLite only. ${missing}\nTo install PostgreSQL: ${installPostgres}`)
    project.provide('postgres', { missing })
    return async () => {}
  }
}
