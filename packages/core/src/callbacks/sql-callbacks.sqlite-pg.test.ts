import { systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { UserActor } from '../access/actor.ts'
import { AesKeyring } from '../access/aes-keyring.ts'
import { RoleAccess } from '../access/role-access.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Events } from '../events/events.ts'
import { secretContext } from './callback-secrets.ts'
import { Receivers } from './receivers.ts'
import { SqlCallbacks } from './sql-callbacks.ts'

const urls = { successUrl: 'https://example.com/ok', errorUrl: 'https://example.com/bad' }

eachDatabase((db) => {
  describe('SqlCallbacks', () => {
    let open: OpenDatabase
    let callbacks: SqlCallbacks
    let told: string[]
    const keyring = new AesKeyring([{ id: 'a', key: Buffer.alloc(32) }])
    const events: Events = {
      append: async (_, { type, subject }) => void told.push(`${type} ${subject}`),
      on: () => () => {},
      list: async () => [],
    }

    beforeEach(async () => {
      told = []
      open = await openDatabase(await db.options())
      const parts = { database: open.database, access: new RoleAccess(), events, keyring, clock: systemClock }
      callbacks = new SqlCallbacks({ ...parts, receivers: new Receivers() })
    })
    afterEach(() => open[Symbol.asyncDispose]())

    it('the signing secret is answered once and kept sealed', async () => {
      const { secret, ...callback } = await callbacks.add(urls)
      expect(callback).toEqual({ key: 1, ...urls, notes: '' })
      expect(await callbacks.get(1)).toEqual(callback)
      expect(await callbacks.list()).toEqual([callback])
      const row = await open.database.queries.selectFrom('callbacks').selectAll().executeTakeFirstOrThrow()
      expect(JSON.stringify([row, told])).not.toContain(secret.reveal())
      expect(keyring.open(row.secret, secretContext(1)).reveal()).toBe(secret.reveal())
    })

    it('a change replaces all but the secret', async () => {
      await callbacks.add({ ...urls, startUrl: 'https://example.com/start', notes: 'ours' })
      const before = await open.database.queries.selectFrom('callbacks').select('secret').executeTakeFirstOrThrow()
      expect(await callbacks.update(1, { ...urls, deleteUrl: 'https://example.com/gone' })).toEqual({
        key: 1,
        ...urls,
        deleteUrl: 'https://example.com/gone',
        notes: '',
      })
      expect(await open.database.queries.selectFrom('callbacks').select('secret').execute()).toEqual([before])
      expect(told).toEqual(['callback.created callback/1', 'callback.updated callback/1'])
    })

    it('URLs that lead to this machine or a private network are refused, all at once', async () => {
      const inside = {
        successUrl: 'http://10.0.0.1:8080/hook',
        errorUrl: 'http://LOCALHOST:9000',
        deleteUrl: 'https://0x7f.1/',
      }
      const problem = expect.stringMatching(/must not lead into a private network/)
      await expect(callbacks.add(inside)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        details: { problems: Object.keys(inside).map((field) => ({ field, problem })) },
      })
    })

    it('one that a cluster uses stays', async () => {
      await callbacks.add(urls)
      const { queries } = open.database
      const credentials = { name: 'c', username: '', password: '', url: '', insecure: 0, http: 0 }
      await queries.insertInto('credentials').values(credentials).execute()
      await queries.insertInto('clusters').values({ name: 'c', type: 't', credentialsKey: 1, options: '{}' }).execute()
      await queries.insertInto('clusterCallbacks').values({ clusterKey: 1, callbackKey: 1 }).execute()
      await expect(callbacks.remove(1)).rejects.toMatchObject({ code: 'CONFLICT', details: { with: 'clusters' } })
      await queries.deleteFrom('clusterCallbacks').execute()
      await callbacks.remove(1)
      await expect(callbacks.get(1)).rejects.toMatchObject({ code: 'NOT_FOUND', details: { what: 'callback', id: '1' } })
    })

    it('who may only read may not change', async () => {
      const actor: UserActor = { kind: 'user', user: 1, name: 'ada', permissions: new Set(['callbacks:read']), groups: [] }
      expect(await callbacks.list({ actor })).toEqual([])
      await expect(callbacks.add(urls, { actor })).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(callbacks.update(1, urls, { actor })).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(callbacks.remove(1, { actor })).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(callbacks.rotateSecret(1, {}, { actor })).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(callbacks.replay(1, 1, { actor })).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(callbacks.replayDead(1, { actor })).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(callbacks.deliveries(1, {}, { actor })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })
  })
})
