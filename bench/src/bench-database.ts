import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { Engine } from './figure.ts'

/** Where a database is, in a form that another process can be told. */
export type DatabaseLocation = { readonly sqlite: string } | { readonly postgres: string }

export interface BenchDatabase extends AsyncDisposable {
  readonly engine: Engine
  readonly location: DatabaseLocation
}

/** A file in a temporary folder of its own. */
export function sqliteDatabase(): BenchDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-bench-'))
  return {
    engine: 'sqlite',
    location: { sqlite: join(folder, 'bench.db') },
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A new database on a server; it takes the right to create databases. */
export async function postgresDatabase(server: string): Promise<BenchDatabase> {
  const name = `virtkit_bench_${randomUUID().replaceAll('-', '')}`
  await onServer(server, `create database ${name}`)
  return {
    engine: 'postgres',
    location: { postgres: Object.assign(new URL(server), { pathname: `/${name}` }).href },
    [Symbol.asyncDispose]: () => onServer(server, `drop database if exists ${name} with (force)`),
  }
}

async function onServer(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {}) // the query that it ruins tells
  try {
    await client.connect()
    await client.query(text)
  } finally {
    await client.end()
  }
}
