import { systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Events } from '../events/events.ts'
import type { PermissionGroup } from './access.ts'
import { Logins } from './logins.ts'
import { type Passwords, ScryptPasswords } from './passwords.ts'
import { RoleAccess } from './role-access.ts'
import { SqlGroups } from './sql-groups.ts'
import { SqlUsers } from './sql-users.ts'

eachDatabase((db) => {
  describe('SqlUsers', () => {
    let open: OpenDatabase
    let users: SqlUsers
    let told: string[]
    let checks: (string | undefined)[]
    const events: Events = {
      append: async (_, { type, subject, data }) => void told.push(`${type} ${subject} ${JSON.stringify(data)}`),
      on: () => () => {},
      list: async () => [],
    }
    const cheap = new ScryptPasswords({ N: 16, r: 1, p: 1 })
    const passwords: Passwords = {
      hash: (password) => cheap.hash(password),
      matches: (password, hash) => {
        checks.push(hash)
        return cheap.matches(password, hash)
      },
    }
    const ada = { name: 'ada', password: 'correct horse', permissionGroups: ['user'] as PermissionGroup[] }

    beforeEach(async () => {
      told = []
      checks = []
      open = await openDatabase(await db.options())
      const logins = new Logins(open.database, events, systemClock, passwords)
      users = new SqlUsers(open.database, new RoleAccess(), events, systemClock, passwords, logins)
    })
    afterEach(() => open[Symbol.asyncDispose]())

    it('a user is kept without the password', async () => {
      const user = await users.add(ada)
      expect(user).toEqual({ key: 1, name: 'ada', permissionGroups: ['user'], createdAt: expect.any(Number) })
      expect(await users.get(1)).toEqual(user)
      expect(await users.list()).toEqual([user])
      const row = await open.database.queries.selectFrom('users').selectAll().executeTakeFirstOrThrow()
      expect(JSON.stringify([row, told])).not.toContain('correct horse')
      expect(told).toEqual(['user.created user/1 {"name":"ada"}'])
    })

    it('the right password makes an actor', async () => {
      await users.add(ada)
      const groups = new SqlGroups(open.database, new RoleAccess(), events, systemClock)
      await groups.add({ name: 'team', users: [1] })
      const actor = await users.authenticate('ada', 'correct horse')
      expect(actor).toMatchObject({ kind: 'user', user: 1, name: 'ada', groups: [1] })
      expect(actor.permissions).toContain('machines:write')
    })

    it('a wrong password and an unknown name are answered alike, after the same work', async () => {
      await users.add(ada)
      const wrong = await users.authenticate('ada', 'correct horsf').catch((error: unknown) => error)
      const nobody = await users.authenticate('bob', 'correct horse').catch((error: unknown) => error)
      const nonsense = await users.authenticate('a\0b', 'x'.repeat(100_000)).catch((error: unknown) => error)
      expect(wrong).toMatchObject({ code: 'UNAUTHENTICATED' })
      expect(JSON.stringify([nobody, nonsense])).toBe(JSON.stringify([wrong, wrong]))
      expect(checks).toEqual([expect.stringMatching(/^scrypt/), undefined, undefined])
    })

    it('a name is used once', async () => {
      await users.add(ada)
      await expect(users.add(ada)).rejects.toMatchObject({ code: 'CONFLICT', details: { field: 'name', with: 'ada' } })
      await users.add({ ...ada, name: 'bob' })
      await expect(users.update(2, { name: 'ada' })).rejects.toMatchObject({ code: 'CONFLICT' })
    })

    it('of several who take one name at once, one gets it', async () => {
      const results = await Promise.allSettled(Array.from({ length: 5 }, () => users.add(ada)))
      expect(results.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
      for (const result of results) {
        if (result.status === 'rejected')
          expect(result.reason).toMatchObject({ code: 'CONFLICT', details: { field: 'name' } })
      }
    })

    it('every problem of a user is told, and nothing written', async () => {
      const wrong = { name: '', password: 'short', permissionGroups: ['root' as 'user'] }
      await expect(users.add(wrong)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        details: { problems: [{ field: 'name' }, { field: 'password' }, { field: 'permissionGroups[0]' }] },
      })
      expect(await users.list()).toEqual([])
    })

    it('what a change does not name stays', async () => {
      await users.add(ada)
      await users.update(1, { password: 'battery staple' })
      expect(await users.get(1)).toMatchObject({ name: 'ada', permissionGroups: ['user'] })
      await users.update(1, { name: 'lovelace', permissionGroups: [] })
      const actor = await users.authenticate('lovelace', 'battery staple')
      expect(actor.permissions).toEqual(new Set())
      expect(told).toContain('user.updated user/1 {"name":"lovelace","changed":["name","permissionGroups"]}')
    })

    it('a user who is removed is gone from groups', async () => {
      await users.add(ada)
      const groups = new SqlGroups(open.database, new RoleAccess(), events, systemClock)
      await groups.add({ name: 'team', users: [1] })
      await users.remove(1)
      expect(await groups.get(1)).toMatchObject({ users: [] })
      await expect(users.remove(1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(users.get(2 ** 40)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })

    it('who keeps users can make nobody mightier than they are', async () => {
      await users.add({ ...ada, name: 'root', permissionGroups: ['administrator'] })
      const permissions = new Set(['users:read', 'users:write'])
      const by = { actor: { kind: 'user' as const, user: 9, name: 'clerk', permissions, groups: [] } }
      await expect(users.add(ada, by)).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(users.update(1, { password: 'mine, now mine' }, by)).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(users.remove(1, by)).rejects.toMatchObject({ code: 'FORBIDDEN' })
      expect(await users.add({ ...ada, permissionGroups: [] }, by)).toMatchObject({ permissionGroups: [] })
    })

    it('the first administrator is made once, by one of several, and told the password', async () => {
      const made = await Promise.all(Array.from({ length: 4 }, () => users.ensureAdministrator()))
      const first = made.filter((each) => each !== undefined)
      expect(first).toHaveLength(1)
      expect(first[0]!.user).toMatchObject({ name: 'admin', permissionGroups: ['administrator'] })
      expect(first[0]!.password.reveal().length).toBeGreaterThan(20)
      const actor = await users.authenticate('admin', first[0]!.password.reveal())
      expect(actor.permissions).toBe('all')
      expect(await users.ensureAdministrator({ password: 'another one' })).toBeUndefined()
      await expect(users.authenticate('admin', 'another one')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
      expect(JSON.stringify([first, told])).not.toContain(first[0]!.password.reveal())
    })

    it('the first administrator has the password that is given; nobody else named admin becomes one', async () => {
      await expect(users.ensureAdministrator({ password: 'short' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      await users.add({ ...ada, name: 'admin' })
      await expect(users.ensureAdministrator()).rejects.toMatchObject({ code: 'CONFLICT' })
      await users.remove(1)
      await users.ensureAdministrator({ password: 'from the environment' })
      expect(await users.authenticate('admin', 'from the environment')).toMatchObject({ name: 'admin' })
    })

    it('a viewer may not look at users', async () => {
      const key = (await users.add({ ...ada, permissionGroups: ['viewer'] })).key
      const by = { actor: await users.actor(key) }
      await expect(users.list(by)).rejects.toMatchObject({ code: 'FORBIDDEN', details: { permission: 'users:read' } })
    })
  })
})
