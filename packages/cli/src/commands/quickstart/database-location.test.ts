import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseDatabaseLocation } from './database-location.ts'

const cwd = mkdtempSync(join(tmpdir(), 'location-'))
afterAll(() => rmSync(cwd, { recursive: true }))

describe('where the database is', () => {
  it.each(['lab.db', 'sqlite:lab.db', './lab.db', `sqlite:${join(cwd, 'lab.db')}`, `sqlite://${join(cwd, 'lab.db')}`])(
    '%s is a file, and other files lie beside it',
    (text) => {
      expect(parseDatabaseLocation(text, cwd)).toEqual({
        options: { database: { sqlite: join(cwd, 'lab.db') } },
        text: `SQLite ${join(cwd, 'lab.db')}`,
        base: join(cwd, 'lab'),
      })
    },
  )

  it('PostgreSQL keeps the key in this folder, is shown without its password, and each database has files of its own', () => {
    const url = 'postgres://app:hunter2@db.example:5433/lab?sslmode=require'
    const { options, text, base } = parseDatabaseLocation(url, cwd)
    expect(options).toEqual({
      database: { postgres: url },
      encryption: { keyFile: join(cwd, 'virtkit-quickstart.key') },
    })
    expect(text).toBe('PostgreSQL app@db.example:5433/lab')
    expect(base).toBe(join(cwd, 'virtkit-quickstart-lab'))
    expect(parseDatabaseLocation('postgresql://h/other', cwd).base).not.toBe(base)
    expect(parseDatabaseLocation('postgresql://h/a%2F..%2Fb', cwd).base).toBe(join(cwd, 'virtkit-quickstart-a____b'))
  })

  it('memory leaves nothing behind', () => {
    expect(parseDatabaseLocation('sqlite::memory:', cwd)).toMatchObject({ base: undefined })
  })

  it.each(['', 'sqlite:', 'mysql://h/d', 'nowhere/lab.db', 'postgres://['])('%j is refused, naming --database', (text) => {
    expect(() => parseDatabaseLocation(text, cwd)).toThrow(/^--database: /)
  })
})
