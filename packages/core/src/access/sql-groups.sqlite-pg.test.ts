import { systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Events } from '../events/events.ts'
import type { UserActor } from './actor.ts'
import { RoleAccess } from './role-access.ts'
import { SqlGroups } from './sql-groups.ts'

eachDatabase((db) => {
  describe('SqlGroups', () => {
    let open: OpenDatabase
    let groups: SqlGroups
    let told: string[]
    const events: Events = {
      append: async (_, { type, subject }) => void told.push(`${type} ${subject}`),
      on: () => () => {},
      list: async () => [],
    }
    const member: UserActor = { kind: 'user', user: 1, name: 'ada', permissions: new Set(['groups:read']), groups: [2] }

    beforeEach(async () => {
      told = []
      open = await openDatabase(await db.options())
      groups = new SqlGroups(open.database, new RoleAccess(), events, systemClock)
      const { queries } = open.database
      await queries.insertInto('users').values({ name: 'ada', passwordHash: '', createdAt: 0 }).execute()
      const credentials = { name: 'c', username: '', password: '', url: '', insecure: 0, http: 0 }
      await queries.insertInto('credentials').values(credentials).execute()
      await queries.insertInto('clusters').values({ name: 'c', type: 't', credentialsKey: 1, options: '{}' }).execute()
      const network = { name: 'n', clusterKey: 1, dhcp: 1, dns: '[]', isolated: 0 }
      await queries.insertInto('networks').values(network).execute()
    })
    afterEach(() => open[Symbol.asyncDispose]())

    it('a group has members and is given networks and clusters', async () => {
      const group = await groups.add({ name: 'team', users: [1], networks: [1, 1], clusters: [1] })
      expect(group).toEqual({ key: 1, name: 'team', users: [1], networks: [1], clusters: [1] })
      expect(await groups.get(1)).toEqual(group)
      expect(await groups.find('team')).toEqual(group)
      expect(await groups.list()).toEqual([group])
      expect(told).toEqual(['group.created group/1'])
    })

    it('what does not exist cannot be given, and nothing is written', async () => {
      for (const given of [{ users: [9] }, { networks: [1, 9] }, { clusters: [9] }]) {
        await expect(groups.add({ name: 'team', ...given })).rejects.toMatchObject({
          code: 'NOT_FOUND',
          details: { id: '9' },
        })
      }
      expect(await groups.list()).toEqual([])
      expect(told.length).toBe(0)
    })

    it('a change replaces what it names, and leaves the rest', async () => {
      await groups.add({ name: 'team', users: [1], networks: [1], clusters: [1] })
      expect(await groups.update(1, { users: [], name: 'crew' })).toMatchObject({
        name: 'crew',
        users: [],
        networks: [1],
        clusters: [1],
      })
    })

    it('a name is used once', async () => {
      await groups.add({ name: 'team' })
      await groups.add({ name: 'crew' })
      await expect(groups.add({ name: 'team' })).rejects.toMatchObject({ code: 'CONFLICT', details: { field: 'name' } })
      await expect(groups.update(2, { name: 'team' })).rejects.toMatchObject({ code: 'CONFLICT' })
    })

    it('of several who take one name at once, one gets it', async () => {
      const results = await Promise.allSettled(Array.from({ length: 5 }, () => groups.add({ name: 'team' })))
      expect(results.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
      const codes = results.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []))
      expect(new Set(codes)).toEqual(new Set(['CONFLICT']))
    })

    it('members see their own groups only', async () => {
      await groups.add({ name: 'theirs' })
      await groups.add({ name: 'ours' })
      const by = { actor: member }
      expect((await groups.list(by)).map((each) => each.name)).toEqual(['ours'])
      expect(await groups.find('theirs', by)).toBeUndefined()
      await expect(groups.get(1, by)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect(await groups.list({ actor: { ...member, groups: [] } })).toEqual([])
      await expect(groups.update(2, {}, by)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    })

    it('a group that owns machines stays', async () => {
      await groups.add({ name: 'team' })
      const machine = { clusterKey: 1, os: 'debian-12', cpus: 1, memoryMiB: 1, diskMiB: 1, datastore: 'auto', createdAt: 0 }
      await open.database.queries
        .insertInto('machines')
        .values({
          ...machine,
          name: 'm',
          ownerKey: 1,
          provisioning: 'thin',
          firmware: 'bios',
          state: 'planned',
          mark: 'm',
          version: 1,
        })
        .execute()
      await expect(groups.remove(1)).rejects.toMatchObject({ code: 'CONFLICT', details: { with: 'machines' } })
      await open.database.queries.deleteFrom('machines').execute()
      await groups.remove(1)
      await expect(groups.remove(1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect(told.at(-1)).toBe('group.removed group/1')
    })
  })
})
