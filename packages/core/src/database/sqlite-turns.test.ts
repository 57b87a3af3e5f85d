import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpenDatabase, openDatabase } from './open-database.ts'

describe('the one connection of SQLite', () => {
  let folder = ''
  let open: OpenDatabase
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'virtkit-sqlite-turns-'))
    open = await openDatabase({ sqlite: join(folder, 'turns.db') })
  })
  afterEach(async () => {
    await open[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  it('goes to those who wait for it in their order, one at a time', async () => {
    const said: string[] = []
    const say = async (name: string): Promise<void> =>
      open.database.transaction(async (queries) => {
        said.push(`${name} begins`)
        await sql`select 1`.execute(queries)
        await sql`select 2`.execute(queries)
        said.push(`${name} ends`)
      })
    await Promise.all([say('one'), say('two'), say('three')])
    expect(said).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends'])
  })

  it('a transaction that fails gives it back', async () => {
    const failing = open.database.transaction(async () => Promise.reject(new Error('no')))
    const next = open.database.transaction(async (queries) => (await sql`select 1 as one`.execute(queries)).rows)
    await expect(failing).rejects.toThrow('no')
    expect(await next).toEqual([{ one: 1 }])
  })

  it('a long queue for it does not keep the process from anything else', async () => {
    let turns = 0
    let isDone = false
    const turn = (): void => {
      turns += 1
      if (!isDone) setImmediate(turn)
    }
    setImmediate(turn)
    await Promise.all(Array.from({ length: 3000 }, () => sql`select 1`.execute(open.database.queries)))
    isDone = true
    expect(turns).toBeGreaterThan(2)
  })
})
