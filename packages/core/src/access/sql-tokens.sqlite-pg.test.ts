import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AccessLab, openAccessLab, standingClock } from '../../test/access-lab.ts'
import type { UserActor } from './actor.ts'
import { writeToken } from './token-rules.ts'

eachDatabase((db) => {
  describe('SqlTokens', () => {
    let clock: ReturnType<typeof standingClock>
    let lab: AccessLab
    const login = async (): Promise<string> => (await lab.tokens.login('ada', 'correct horse')).token.reveal()

    beforeEach(async () => {
      clock = standingClock()
      lab = await openAccessLab(await db.options(), clock)
      await lab.users.add({ name: 'ada', password: 'correct horse', permissionGroups: ['user'] })
    })
    afterEach(() => lab[Symbol.asyncDispose]())

    it('a right password gets a token that stands for the user, until it expires', async () => {
      const issued = await lab.tokens.login('ada', 'correct horse')
      expect(issued).toMatchObject({ user: 1, lifetimeMs: 3_600_000, expiresAt: clock.now() + 3_600_000 })
      const token = issued.token.reveal()
      const actor = await lab.tokens.resolve(token)
      expect(actor).toEqual(await lab.users.actor(1))
      clock.pass(3_599_999)
      expect(await lab.tokens.resolve(token)).toMatchObject({ user: 1 })
      clock.pass(1)
      expect(await lab.tokens.resolve(token)).toBeUndefined()
      await login()
      const rows = await lab.open.database.queries.selectFrom('accessTokens').select('key').execute()
      expect(rows).toEqual([{ key: 2 }])
      await expect(lab.tokens.login('ada', 'wrong horse')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    })

    it('is nowhere in the database, and none that was not issued counts', async () => {
      const token = await login()
      const stored = await lab.open.database.queries.selectFrom('accessTokens').selectAll().execute()
      const events = await lab.open.database.queries.selectFrom('events').selectAll().execute()
      expect(JSON.stringify([stored, events])).not.toContain(token.slice(4, 40))
      for (const other of [writeToken(Buffer.alloc(32)), `${token}0`, token.slice(0, -1), '', 'vkt_', 7 as never]) {
        expect(await lab.tokens.resolve(other)).toBeUndefined()
      }
      // The same beginning of the hash is not the same hash.
      const [row] = stored
      await lab.open.database.queries
        .updateTable('accessTokens')
        .set({ hash: `${row!.lookup}${'0'.repeat(48)}` })
        .execute()
      expect(await lab.tokens.resolve(token)).toBeUndefined()
    })

    it('ends when it is revoked; one that is unknown is fine', async () => {
      const [one, two] = [await login(), await login()]
      await lab.tokens.revoke(one)
      await lab.tokens.revoke(one)
      await lab.tokens.revoke('what is this')
      expect(await lab.tokens.resolve(one)).toBeUndefined()
      expect(await lab.tokens.resolve(two)).toMatchObject({ user: 1 })
      expect((await lab.told()).filter((each) => each.startsWith('token.revoked'))).toHaveLength(1)
    })

    it.each([
      ['password', { password: 'battery staple' }],
      ['permissions', { permissionGroups: ['viewer' as const] }],
    ])('ends with another %s', async (_, change) => {
      const token = await login()
      await lab.users.update(1, { name: 'lovelace' })
      expect(await lab.tokens.resolve(token)).toMatchObject({ name: 'lovelace' })
      await lab.users.update(1, change)
      expect(await lab.tokens.resolve(token)).toBeUndefined()
      expect(await lab.tokens.list(1)).toEqual([])
    })

    it('of a password that is changed meanwhile does not count', async () => {
      const issued = await Promise.all([
        lab.tokens.login('ada', 'correct horse').catch(() => undefined),
        lab.users.update(1, { password: 'battery staple' }),
        lab.tokens.login('ada', 'correct horse').catch(() => undefined),
      ])
      for (const each of [issued[0], issued[2]]) {
        if (each) expect(await lab.tokens.resolve(each.token.reveal())).toBeUndefined()
      }
      // One that was checked before, and is written only now.
      const late = await lab.tokens.login('ada', 'battery staple')
      const { lookup, hash, ...row } = await lab.open.database.queries
        .selectFrom('accessTokens')
        .selectAll()
        .where('key', '=', late.key)
        .executeTakeFirstOrThrow()
      await lab.users.update(1, { password: 'another horse' })
      await lab.open.database.queries
        .insertInto('accessTokens')
        .values({ ...row, lookup, hash, key: 99 })
        .execute()
      expect(await lab.tokens.resolve(late.token.reveal())).toBeUndefined()
    })

    it('ends with the user', async () => {
      const token = await login()
      await lab.users.remove(1)
      expect(await lab.tokens.resolve(token)).toBeUndefined()
      await expect(lab.tokens.issue(1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })

    it('is presumed to be whose it was, where asking takes time, and confirmed only while all of that holds', async () => {
      await lab.users.add({ name: 'bob', password: 'battery staple', permissionGroups: ['user'] })
      const { queries } = lab.open.database
      await queries.insertInto('userGroups').values({ key: 1, name: 'team', createdAt: 0 }).execute()
      const isPresumed = db.engine === 'postgres'
      const confirmed = (token: string) => lab.tokens.presume(token)?.confirmed
      const token = await login()
      expect(lab.tokens.presume(token)).toBeUndefined()
      const resolved = await lab.tokens.resolve(token)
      expect(lab.tokens.presume(token)?.actor).toEqual(isPresumed ? resolved : undefined)
      expect([await confirmed(token), await confirmed(token)]).toEqual(Array(2).fill(isPresumed ? true : undefined))
      for (const other of ['', token.slice(1), 7 as never]) expect(lab.tokens.presume(other)).toBeUndefined()

      const changes = [
        () => lab.users.update(1, { name: 'lovelace' }),
        () => queries.insertInto('userGroupMembers').values({ userKey: 1, groupKey: 1 }).execute(),
        () => lab.tokens.revoke(token),
      ]
      for (const change of changes) {
        expect(await lab.tokens.resolve(token)).toMatchObject({ user: 1 })
        await change()
        expect([await confirmed(token), await confirmed(token)]).toEqual([isPresumed ? false : undefined, undefined])
      }
      const late = (await lab.tokens.issue(2)).token.reveal()
      await lab.tokens.resolve(late)
      clock.pass(3_600_000)
      expect(await confirmed(late)).toBe(isPresumed ? false : undefined)
    })

    it('everybody lists and ends their own, and nobody those of others without the permission', async () => {
      await lab.users.add({ name: 'bob', password: 'battery staple', permissionGroups: ['user'] })
      const as = async (key: number): Promise<{ actor: UserActor }> => ({ actor: await lab.users.actor(key) })
      const [ada, bob] = [await as(1), await as(2)]
      const { token } = await lab.tokens.issue(1)
      await login()
      expect(await lab.tokens.list(1, ada)).toMatchObject([{ key: 1 }, { key: 2 }])
      await expect(lab.tokens.list(1, bob)).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(lab.tokens.revokeAll(1, bob)).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(lab.tokens.issue(1, bob)).rejects.toMatchObject({ code: 'FORBIDDEN' })
      expect(await lab.tokens.revokeAll(1, ada)).toBe(2)
      expect(await lab.tokens.resolve(token.reveal())).toBeUndefined()
    })
  })
})
