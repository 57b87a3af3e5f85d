import { eachDatabase } from '@virtkit/test-databases'
import { sql } from 'kysely'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { LookupStatement } from './database.ts'
import { type OpenDatabase, openDatabase } from './open-database.ts'

eachDatabase((db) => {
  describe('a lookup', () => {
    const isPostgres = db.engine === 'postgres'
    const value: LookupStatement = {
      name: 'value_of',
      text: `select value from virtkit_meta where name = ${isPostgres ? '$1' : '?'}`,
    }
    let opened: OpenDatabase
    // One connection: what is done to it is done to the one that asks.
    beforeEach(async () => {
      const location = await db.options()
      opened = await openDatabase('postgres' in location ? { ...location, maxConnections: 1 } : location)
      onTestFinished(() => opened[Symbol.asyncDispose]())
    })
    const ask = (name: string, statement = value): Promise<string | null> => opened.database.lookup(statement, name)
    const onConnection = async (text: string): Promise<void> => {
      if (isPostgres) await sql.raw(text).execute(opened.database.queries)
    }

    it('answers a text, or null, however often', async () => {
      for (let time = 0; time < 3; time += 1) {
        expect(await ask('installation')).toBe(opened.installation)
        expect(await ask('nothing of that name')).toBeNull()
      }
      await expect(ask('installation', { name: 'broken', text: 'select value from nowhere where 1 = $1' })).rejects.toThrow(
        /nowhere/,
      )
      expect(await ask('installation')).toBe(opened.installation)
    })

    // As behind a pooler, where the next statement is another session's.
    it('is answered by a session that has forgotten what was prepared on it', async () => {
      expect(await ask('installation')).toBe(opened.installation)
      await onConnection('deallocate all')
      expect(await ask('installation')).toBe(opened.installation)
      await onConnection('deallocate all')
      expect(await ask('installation')).toBe(opened.installation)
    })

    it('is answered by a session on which somebody else has prepared that name', async () => {
      await onConnection(`prepare value_of as select 'somebody else’s'`)
      expect(await ask('installation')).toBe(opened.installation)
      expect(await ask('installation')).toBe(opened.installation)
    })

    it('says that the database was closed', async () => {
      await opened[Symbol.asyncDispose]()
      await expect(ask('installation')).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        details: { reason: 'closed' },
      })
    })
  })
})
