import type { OsCatalog, OsRelease } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { UserActor } from '../access/actor.ts'
import { RoleAccess } from '../access/role-access.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Events } from '../events/events.ts'
import { SqlProfiles } from './sql-profiles.ts'

const size = { cpus: 1, memoryMiB: 512, diskMiB: 4096 }
const debian = { key: 12, id: 'debian-12', name: 'Debian 12', minimum: size, recommended: size } as OsRelease
const catalog: OsCatalog = { list: () => [debian], find: (id) => (id === 'debian-12' ? debian : undefined) }
const web = { name: 'web', cluster: 1, os: 'debian-12', ...size, networks: [2, 1, 2] }

eachDatabase((db) => {
  describe('SqlProfiles', () => {
    let open: OpenDatabase
    let told: string[]
    let profiles: SqlProfiles
    const events: Events = {
      append: async (_, { type, subject }) => void told.push(`${type} ${subject}`),
      on: () => () => {},
      list: async () => [],
    }

    beforeEach(async () => {
      told = []
      open = await openDatabase(await db.options())
      const { queries } = open.database
      const credentials = { name: 'c', username: '', password: '', url: '', insecure: 0, http: 0 }
      await queries.insertInto('credentials').values(credentials).execute()
      for (const name of ['east', 'west']) {
        await queries.insertInto('clusters').values({ name, type: 't', credentialsKey: 1, options: '{}' }).execute()
      }
      const rest = { dhcp: 1, dns: '[]', isolated: 0 }
      for (const [name, clusterKey] of [
        ['lan', 1],
        ['dmz', 1],
        ['far', 2],
      ] as const) {
        await queries
          .insertInto('networks')
          .values({ name, clusterKey, ...rest })
          .execute()
      }
      await queries.insertInto('userGroups').values({ name: 'team', createdAt: 0 }).execute()
      profiles = new SqlProfiles(open.database, new RoleAccess(), events, catalog)
    })
    afterEach(() => open[Symbol.asyncDispose]())

    it('a profile keeps its networks in order', async () => {
      const profile = await profiles.add(web)
      expect(profile).toEqual({ key: 1, ...web, datastore: 'auto' })
      expect(await profiles.get(1)).toEqual(profile)
      expect(await profiles.find('web')).toEqual(profile)
      expect(await profiles.find('db')).toBeUndefined()
      expect(await profiles.list()).toEqual([profile])
      expect(told).toEqual(['profile.created profile/1'])
    })

    it('cluster and networks must be there, and belong together', async () => {
      await expect(profiles.add({ ...web, cluster: 9 })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        details: { what: 'cluster' },
      })
      await expect(profiles.add({ ...web, networks: [1, 9] })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        details: { id: '9' },
      })
      await expect(profiles.add({ ...web, networks: [1, 3] })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        details: { problems: [{ field: 'networks[1]', problem: expect.stringContaining('far is on cluster 2') }] },
      })
      expect(await profiles.list()).toEqual([])
    })

    it('a name is used once, also when several take it at once', async () => {
      const results = await Promise.allSettled(Array.from({ length: 4 }, () => profiles.add(web)))
      expect(results.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
      const reasons = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
      for (const reason of reasons)
        expect(reason).toMatchObject({ code: 'CONFLICT', details: { field: 'name', with: 'web' } })
    })

    it('a change replaces all of it', async () => {
      await profiles.add({ ...web, datastore: 'ssd' })
      const changed = { ...web, name: 'far', cluster: 2, networks: [3], cpus: 8 }
      expect(await profiles.update(1, changed)).toEqual({ key: 1, ...changed, datastore: 'auto' })
      await expect(profiles.update(2, web)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })

    it('a removed profile is gone, and its networks are free to go', async () => {
      await profiles.add(web)
      await profiles.remove(1)
      await expect(profiles.get(1)).rejects.toMatchObject({ code: 'NOT_FOUND', details: { what: 'profile', id: '1' } })
      await open.database.queries.deleteFrom('networks').execute()
      expect(told.at(-1)).toBe('profile.removed profile/1')
    })

    it('others than administrators see and use what their groups are given', async () => {
      const { queries } = open.database
      await profiles.add(web)
      await queries.insertInto('userGroupClusters').values({ groupKey: 1, clusterKey: 2 }).execute()
      const permissions = new Set(['profiles:read', 'profiles:write'])
      const actor: UserActor = { kind: 'user', user: 1, name: 'ada', permissions, groups: [1] }
      expect(await profiles.list({ actor })).toEqual([])
      await expect(profiles.get(1, { actor })).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(profiles.remove(1, { actor })).rejects.toMatchObject({ code: 'NOT_FOUND' })
      const far = { ...web, name: 'far', cluster: 2, networks: [3] }
      await expect(profiles.add({ ...far, cluster: 1 }, { actor })).rejects.toMatchObject({ details: { what: 'cluster' } })
      await expect(profiles.add(far, { actor })).rejects.toMatchObject({ details: { what: 'network' } })
      await queries.insertInto('userGroupNetworks').values({ groupKey: 1, networkKey: 3 }).execute()
      await profiles.add(far, { actor })
      expect((await profiles.list({ actor })).map((each) => each.name)).toEqual(['far'])
    })
  })
})
