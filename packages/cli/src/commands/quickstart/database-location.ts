import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { VirtkitOptions } from '@virtkit/core'
import { invalidInput } from '@virtkit/spi'

/** Where a command keeps what it must find again. */
export interface DatabaseLocation {
  readonly options: Pick<VirtkitOptions, 'database' | 'encryption'>
  /** For people: never with a password. */
  readonly text: string
  /** The start of the names of the files beside it; undefined for a database in memory, which leaves nothing behind. */
  readonly base: string | undefined
}

/**
 * Reads `FILE`, `sqlite:FILE`, `sqlite::memory:` or `postgres://…`. With PostgreSQL, files beside it are in `cwd` and begin with
 * `name`. Throws `INVALID_INPUT` naming `--database`.
 */
export function parseDatabaseLocation(text: string, cwd: string, name = 'virtkit-quickstart'): DatabaseLocation {
  if (/^postgres(ql)?:/.test(text)) return postgresLocation(text, cwd, name)
  const file = text.replace(/^sqlite:(\/\/(?=\/))?/, '')
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(file)) throw wrong('is of a kind that we do not know')
  if (file === '') throw wrong('names no file')
  if (file === ':memory:') return { options: { database: { sqlite: file } }, text: 'SQLite in memory', base: undefined }
  const path = resolve(cwd, file)
  if (!existsSync(dirname(path)))
    throw wrong(`is in a folder that does not exist (${dirname(path)})`, 'make the folder first')
  return { options: { database: { sqlite: path } }, text: `SQLite ${path}`, base: path.replace(/\.(db|sqlite3?)$/, '') }
}

function postgresLocation(text: string, cwd: string, name: string): DatabaseLocation {
  const url = URL.parse(text)
  if (!url) throw wrong('is not a URL', "write it like 'postgres://user:password@host:5432/database'")
  const database = decodeURIComponent(url.pathname.slice(1))
  const where = `${url.username === '' ? '' : `${url.username}@`}${url.host}/${database}`
  return {
    options: { database: { postgres: text }, encryption: { keyFile: join(cwd, `${name}.key`) } },
    text: `PostgreSQL ${where}`,
    // Another database has other machines, and therefore another hypervisor.
    base: join(cwd, `${name}-${database.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`),
  }
}

function wrong(problem: string, hint = 'write a file, sqlite:FILE or postgres://user@host/database'): Error {
  return invalidInput([{ field: '--database', problem, hint }])
}
