import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { findPostgres, installPostgres } from './find-postgres.ts'

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
    const server = await serve()
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

async function serve(): Promise<{ url: string; stop: () => Promise<void> }> {
  const found = await findPostgres()
  if ('missing' in found) throw new Error(found.missing)
  const program = fileURLToPath(new URL('serve-postgres.ts', import.meta.url))
  const keeper = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(keeper, 'close')
  let said = ''
  keeper.stderr.on('data', (chunk: Buffer) => (said += chunk))
  const first = once(createInterface({ input: keeper.stdout }), 'line')
  const line = await Promise.race([first.then(([text]) => String(text)), ended.then(() => undefined)])
  if (line === undefined) throw new Error(said.trim() || 'PostgreSQL could not be started')
  const { url } = JSON.parse(line) as { url: string }
  return {
    url,
    stop: async () => {
      keeper.stdin.end()
      await ended
    },
  }
}
