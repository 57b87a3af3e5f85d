import { type NotificationChannel, Secret, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { UserActor } from '../access/actor.ts'
import { AesKeyring } from '../access/aes-keyring.ts'
import { RoleAccess } from '../access/role-access.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Events } from '../events/events.ts'
import type { NotificationFilterInput } from './notifications.ts'
import { passwordContext } from './mail-password.ts'
import { SqlMailSettings } from './sql-mail-settings.ts'
import { SqlNotifications } from './sql-notifications.ts'

const channels: readonly NotificationChannel[] = ['pager', 'signed'].map((type) => ({
  type,
  problemWith: (to) => (to.startsWith('+') ? undefined : 'must be a number like +43'),
  send: async () => {},
}))
const signer = { type: 'signed', secretOf: (user: number, to: string) => new Secret(`secret of ${user} at ${to}`) }
const actor = (user: number, permissions: readonly string[]): { actor: UserActor } => ({
  actor: { kind: 'user', user, name: `user-${user}`, permissions: new Set(permissions), groups: [] },
})

eachDatabase((db) => {
  let open: OpenDatabase
  let told: string[]
  const events: Events = {
    append: async (_, event) => void told.push(JSON.stringify(event)),
    on: () => () => {},
    list: async () => [],
  }

  beforeEach(async () => {
    told = []
    open = await openDatabase(await db.options())
  })
  afterEach(() => open[Symbol.asyncDispose]())

  describe('SqlNotifications', () => {
    let notifications: SqlNotifications
    let ada: number
    let bob: number
    let input: NotificationFilterInput

    beforeEach(async () => {
      const users = ['ada', 'bob'].map((name) => ({ name, passwordHash: '', createdAt: 0 }))
      const made = await open.database.queries.insertInto('users').values(users).returning('key').execute()
      ;[ada = 0, bob = 0] = made.map(({ key }) => key)
      input = { type: 'pager', to: '+43', user: ada, severities: ['critical', 'info', 'critical'] }
      const access = new RoleAccess()
      notifications = new SqlNotifications(open.database, access, events, systemClock, channels, signer)
    })

    it('filters are kept, changed and removed, each severity once and in order', async () => {
      const added = await notifications.add(input)
      const { key } = added
      expect(added).toEqual({ key, type: 'pager', to: '+43', user: ada, severities: ['info', 'critical'] })
      expect(await notifications.get(key)).toEqual(added)
      const changed = await notifications.update(key, { ...input, to: '+44', severities: ['error'] })
      expect(changed).toEqual({ ...added, to: '+44', severities: ['error'] })
      expect(await notifications.list()).toEqual([changed])
      const { secret, ...signed } = await notifications.add({ ...input, type: 'signed' })
      expect(secret?.reveal()).toBe(`secret of ${ada} at +43`)
      expect(await notifications.get(signed.key)).toEqual(signed)
      // The longest address, of the largest characters, on either engine.
      const large = Array.from({ length: 799 }, (_, n) => String.fromCodePoint(0x4e00 + ((n * 7919) % 20_000)))
      await notifications.update(key, { ...input, to: `+${large.join('')}` })
      await notifications.remove(key)
      expect(await notifications.list()).toEqual([signed])
      await expect(notifications.get(key)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect(told.map((each) => (JSON.parse(each) as { type: string }).type)).toEqual([
        'notification-filter.created',
        'notification-filter.updated',
        'notification-filter.created',
        'notification-filter.updated',
        'notification-filter.removed',
      ])
      expect(told.join('')).not.toMatch(/\+4/)
    })

    it('one address of one user has one filter, also when two make it at once', async () => {
      const both = await Promise.allSettled([notifications.add(input), notifications.add(input)])
      expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      const { key } = await notifications.add({ ...input, user: bob })
      await expect(notifications.add(input)).rejects.toMatchObject({ code: 'CONFLICT', details: { field: 'to' } })
      await expect(notifications.update(key, input)).rejects.toMatchObject({ code: 'CONFLICT' })
      await notifications.update(key, { ...input, user: bob })
      await expect(notifications.add({ ...input, user: 2_000_000_000 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })

    it('people keep their own, and see nobody else’s', async () => {
      const own = actor(ada, ['notifications:read', 'notifications:write'])
      const { key: mine } = await notifications.add(input, own)
      const { key: theirs } = await notifications.add({ ...input, user: bob })
      expect((await notifications.list(own)).map(({ user }) => user)).toEqual([ada])
      const absent = { code: 'NOT_FOUND', details: { what: 'notification filter' } }
      await expect(notifications.get(theirs, own)).rejects.toMatchObject(absent)
      await expect(notifications.update(theirs, input, own)).rejects.toMatchObject(absent)
      await expect(notifications.remove(theirs, own)).rejects.toMatchObject(absent)
      await expect(notifications.deliveries(theirs, {}, own)).rejects.toMatchObject(absent)
      const refused = { code: 'FORBIDDEN' }
      await expect(notifications.add({ ...input, user: bob, to: '+45' }, own)).rejects.toMatchObject(refused)
      await expect(notifications.update(mine, { ...input, user: bob }, own)).rejects.toMatchObject(refused)
      await expect(notifications.add(input, actor(ada, ['notifications:read']))).rejects.toMatchObject(refused)
      const all = actor(0, ['notifications:read', 'notifications:write', 'users:read', 'users:write'])
      expect(await notifications.list(all)).toHaveLength(2)
      await notifications.remove(theirs, all)
    })

    it('the log is read newest first, page by page', async () => {
      const { key: filterKey } = await notifications.add(input)
      for (const id of ['a', 'b', 'c']) {
        const texts = { id, type: 'pager', recipient: '+43', severity: 'info' as const, title: id, text: '', problem: null }
        const state = { state: 'due' as const, attempts: 0, dueAt: 0, createdAt: 5, endedAt: null }
        const row = { filterKey, ...texts, ...state }
        await open.database.queries.insertInto('notificationDeliveries').values(row).execute()
      }
      const newest = await notifications.deliveries(filterKey, { limit: 2 })
      expect(newest.map(({ id }) => id)).toEqual(['c', 'b'])
      const known = { type: 'pager', to: '+43', severity: 'info', title: 'c', state: 'due', attempts: 0, createdAt: 5 }
      expect(newest[0]).toEqual({ key: expect.any(Number), filter: filterKey, id: 'c', ...known, history: [], dueAt: 0 })
      const older = await notifications.deliveries(filterKey, { before: newest[1]!.key })
      expect(older.map(({ id }) => id)).toEqual(['a'])
    })
  })

  describe('SqlMailSettings', () => {
    const keyring = new AesKeyring([{ id: 'a', key: Buffer.alloc(32) }])
    const account = { server: 'smtp.example.com', username: 'ops@example.com', password: 'hunter2' }
    let settings: SqlMailSettings

    beforeEach(() => {
      settings = new SqlMailSettings(open.database, new RoleAccess(), events, keyring)
    })

    it('the password is kept sealed and shown to nobody but who sends', async () => {
      const values = await settings.replace(account)
      expect(values).toEqual({
        server: 'smtp.example.com',
        port: 465,
        username: 'ops@example.com',
        sender: '',
        security: 'auto',
        hasPassword: true,
      })
      expect(await settings.get()).toEqual(values)
      const row = await open.database.queries.selectFrom('mailSettings').selectAll().executeTakeFirstOrThrow()
      expect(JSON.stringify([row, told, values])).not.toContain('hunter2')
      expect(keyring.open(row.password, passwordContext).reveal()).toBe('hunter2')
      const sending = await settings.forSending()
      expect(sending?.password?.reveal()).toBe('hunter2')
      expect(JSON.stringify(sending)).not.toContain('hunter2')
    })

    it('a change replaces all; the password stays where it goes to the same place, and goes to no other', async () => {
      await settings.replace({ ...account, sender: 'kit@example.com' })
      const { password: _, ...same } = account
      expect(await settings.replace(same)).toMatchObject({ sender: '', hasPassword: true })
      expect((await settings.forSending())?.password?.reveal()).toBe('hunter2')
      await expect(settings.replace({ ...same, server: 'evil.example.com' })).rejects.toThrow(/^password: is missing/)
      expect(await settings.get()).toMatchObject({ server: 'smtp.example.com' })
      await settings.replace({ server: 'smtp.example.com' })
      expect((await settings.forSending())?.password).toBeUndefined()
      await expect(settings.replace(same)).rejects.toThrow(/^password: is missing/)
      await settings.reset()
      expect(await settings.get()).toMatchObject({ server: '', port: 465, hasPassword: false })
      expect(await settings.forSending()).toBeUndefined()
      expect(await open.database.queries.selectFrom('mailSettings').selectAll().execute()).toEqual([])
    })

    it('who may only read may not change', async () => {
      const reader = actor(1, ['settings:read'])
      expect(await settings.get(reader)).toMatchObject({ server: '' })
      await expect(settings.replace(account, reader)).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(settings.reset(reader)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    })
  })
})
