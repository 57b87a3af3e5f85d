import { randomBytes, randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AesKeyring } from '../access/aes-keyring.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Claim, Claimed, KeyedCall } from './replies.ts'
import { SqlReplies } from './sql-replies.ts'

const call: KeyedCall = { caller: 'ann', key: 'key-of-ann', request: 'POST /users {"password":"hunter22"}' }

eachDatabase((db) => {
  describe('SqlReplies', () => {
    const opened: OpenDatabase[] = []
    const key = randomBytes(32)
    let now: number
    let replies: SqlReplies
    let database: OpenDatabase['database']
    const clock: Clock = { ...systemClock, now: () => now }
    const openOne = async (): Promise<{ database: OpenDatabase['database']; replies: SqlReplies }> => {
      const open = await openDatabase(await db.options())
      opened.push(open)
      const made = new SqlReplies(open.database, new AesKeyring([{ id: 'k', key }]), clock, randomUUID)
      return { database: open.database, replies: made }
    }
    const claim = (of: KeyedCall = call): Promise<Claim> => database.transaction((queries) => replies.claim(queries, of))
    const mine = async (of?: KeyedCall): Promise<Claimed> => {
      const claimed = await claim(of)
      if (claimed.state !== 'mine') throw new Error(`the claim is ${claimed.state}`)
      return claimed
    }

    beforeEach(async () => {
      now = 1_800_000_000_000
      ;({ database, replies } = await openOne())
    })
    afterEach(async () => {
      for (const open of opened.splice(0)) await open[Symbol.asyncDispose]()
    })

    it('the answer that was kept is told to the same call, and to no other', async () => {
      const claimed = await mine()
      expect(await claim()).toMatchObject({ state: 'under-way', retryAfterMs: 30_000 })
      expect(await replies.keep(database.queries, claimed, '{"id":1}')).toBe('{"id":1}')
      expect(await replies.keep(database.queries, claimed, '{"id":2}')).toBe('{"id":1}')
      expect(await claim()).toEqual({ state: 'replied', reply: '{"id":1}' })
      await replies.replace(claimed, '{"id":1,"done":true}')
      await replies.replace({ ...claimed, holder: 'another' }, 'not theirs')
      expect(await claim()).toEqual({ state: 'replied', reply: '{"id":1,"done":true}' })
      expect(await claim({ ...call, request: 'POST /users {}' })).toEqual({ state: 'other-request' })
      expect(await claim({ ...call, caller: 'bob' })).toMatchObject({ state: 'mine' })
      expect(await claim({ ...call, key: 'another' })).toMatchObject({ state: 'mine' })
    })

    it('what died is taken over by one, and is known to services by the same key', async () => {
      const dead = await mine()
      now += 30_001
      const claims = await Promise.all([claim(), claim(), claim()])
      const [taken, ...more] = claims.filter(({ state }) => state === 'mine')
      expect(more).toEqual([])
      expect(taken).toMatchObject({ operationKey: dead.operationKey })
      // The dead one was only slow: what it did stands, but the answer is the other's to keep.
      expect(await replies.keep(database.queries, dead, 'late')).toBe('late')
      expect(await replies.keep(database.queries, taken as Claimed, 'first')).toBe('first')
      expect(await replies.keep(database.queries, dead, 'late')).toBe('first')
      await replies.release(dead)
      expect(await claim()).toEqual({ state: 'replied', reply: 'first' })
    })

    it('what was let go may be asked for at once, but not as something else', async () => {
      const { operationKey, ...claimed } = await mine()
      await replies.release({ operationKey, ...claimed })
      expect(await claim({ ...call, request: 'other' })).toEqual({ state: 'other-request' })
      expect(await claim()).toMatchObject({ state: 'mine', operationKey })
    })

    it('after a day a key is a new one, and what is old is cleared away', async () => {
      const first = await mine()
      await replies.keep(database.queries, first, 'old')
      await replies.keep(database.queries, await mine({ ...call, key: 'never again' }), 'old')
      now += 24 * 3_600_000
      const again = await mine({ ...call, request: 'another' })
      expect(again.operationKey).not.toBe(first.operationKey)
      await expect.poll(() => database.queries.selectFrom('replies').select('id').execute()).toEqual([{ id: again.id }])
    })

    it('neither caller, key, request nor answer can be read in the database', async () => {
      await replies.keep(database.queries, await mine(), '{"secret":"whsec_1"}')
      const stored = JSON.stringify(await database.queries.selectFrom('replies').selectAll().execute())
      for (const text of ['ann', 'key-of', 'users', 'hunter22', 'whsec_1']) expect(stored).not.toContain(text)
    })

    it('of calls at the same time, over two processes, one does it and all are told its answer', async () => {
      const doors = [{ database, replies }, await openOne()]
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) => {
          const door = doors[index % 2]!
          return door.database.transaction(async (queries) => {
            const claimed = await door.replies.claim(queries, call)
            if (claimed.state !== 'mine') return claimed.state === 'replied' ? claimed.reply : claimed.state
            await queries
              .insertInto('settings')
              .values({ name: `done-${index}`, value: '1' })
              .execute()
            return door.replies.keep(queries, claimed, `by ${index}`)
          })
        }),
      )
      expect(new Set(answers).size).toBe(1)
      expect(await database.queries.selectFrom('settings').select('name').execute()).toHaveLength(1)
    })
  })
})
