import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import type { DatabaseLocation } from './each-database.ts'
import { memoryFolder } from './memory-folder.ts'

/** Migrated databases of which tests are handed copies: a file, and the name of one on the server. */
export interface ProvidedPrepared {
  readonly sqlite: string
  readonly postgres: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    prepared: ProvidedPrepared
  }
}

const program = fileURLToPath(new URL('prepare-databases.ts', import.meta.url))

/** Migrates one database of each engine, for all tests. After `global-setup.ts`, which brings the server up. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), 'virtkit-prepared-'))
  const sqlite = join(folder, 'prepared.db')
  const name = `virtkit_prepared_${randomUUID().replaceAll('-', '')}`
  const { postgres } = project.getProvidedContext()
  const url = 'url' in postgres ? postgres.url : undefined

  const databases: DatabaseLocation[] = [{ sqlite }]
  if (url !== undefined) {
    await ask(url, `create database ${name}`)
    databases.push({ postgres: Object.assign(new URL(url), { pathname: `/${name}` }).href })
  }
  await promisify(execFile)(process.execPath, ['--conditions=@virtkit/source', program, JSON.stringify(databases)])
  project.provide('prepared', { sqlite, postgres: name })

  return async () => {
    rmSync(folder, { recursive: true, force: true })
    if (url !== undefined) await ask(url, `drop database ${name}`)
  }
}

async function ask(url: string, sql: string): Promise<void> {
  const server = new Client({ connectionString: url })
  await server.connect()
  await server.query(sql)
  await server.end()
}
