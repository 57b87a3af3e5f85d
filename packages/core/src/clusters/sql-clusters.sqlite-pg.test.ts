import { type AnyDriver, type Hypervisor, Secret, VirtkitError } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { UserActor } from '../access/actor.ts'
import { AesKeyring } from '../access/aes-keyring.ts'
import { RoleAccess } from '../access/role-access.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Events } from '../events/events.ts'
import { ClusterConnector } from './cluster-connector.ts'
import type { Connections } from './clusters.ts'
import { CredentialVault, resealCredentials } from './credential-vault.ts'
import { SqlClusterDefaults } from './sql-cluster-defaults.ts'
import { SqlClusters } from './sql-clusters.ts'
import { SqlCredentials } from './sql-credentials.ts'

const options = z.looseObject({
  url: z.string().startsWith('https://', 'must be https'),
  zone: z.strictObject({ racks: z.array(z.string()) }).optional(),
})
const nowhere: Connections = {
  to: () => Promise.reject(new Error('nobody is asked here')),
  drop: async () => {},
  [Symbol.asyncDispose]: async () => {},
}
const key = (id: string) => ({ id, key: Buffer.alloc(32, id) })

eachDatabase((db) => {
  describe('SqlClusters', () => {
    let open: OpenDatabase
    let told: string[]
    let sessions: { closed: boolean; password: string }[]
    let clusters: SqlClusters
    let credentials: SqlCredentials
    let defaults: SqlClusterDefaults
    const events: Events = {
      append: async (_, { type, subject, data }) => void told.push(`${type} ${subject} ${JSON.stringify(data ?? {})}`),
      on: () => () => {},
      list: async () => [],
    }
    const driver: AnyDriver = {
      spec: 1,
      name: 'acme',
      options: options as never,
      connect: async (given: { password: Secret }) => {
        const password = given.password.reveal()
        if (password === 'wrong') throw new VirtkitError('UNAUTHENTICATED', 'Wrong password.', { details: {} })
        const session = { closed: false, password }
        sessions.push(session)
        const missing = [{ operation: 'machines.create', privilege: 'VM.Allocate', path: '/' }]
        return {
          about: { product: 'Acme', version: '1' },
          inventory: {},
          machines: {},
          power: {},
          snapshots: { supports: { memory: false, rename: true } },
          privileges: { missing: async () => missing },
          [Symbol.asyncDispose]: async () => void (session.closed = true),
        } as unknown as Hypervisor
      },
    }
    const wire = (keys: AesKeyring): void => {
      const access = new RoleAccess()
      const vault = new CredentialVault(keys)
      const connector = new ClusterConnector([driver])
      clusters = new SqlClusters(open.database, access, events, vault, connector, nowhere)
      credentials = new SqlCredentials(open.database, access, events, vault, connector, (queries) =>
        resealCredentials(queries, keys),
      )
      defaults = new SqlClusterDefaults(open.database, access, events)
    }
    const east = {
      name: 'east',
      type: 'acme',
      credentials: { url: 'https://east', username: 'root', password: 'hunter2' },
      defaults: { datastore: 'ssd' },
      options: { zone: { racks: ['a'] } },
    }

    beforeEach(async () => {
      ;[told, sessions] = [[], []]
      open = await openDatabase(await db.options())
      wire(new AesKeyring([key('a')]))
    })
    afterEach(() => open[Symbol.asyncDispose]())

    it('a cluster is registered with its credentials and defaults in one go', async () => {
      const cluster = await clusters.add(east)
      const rest = { callbacks: [], options: { zone: { racks: ['a'] } } }
      expect(cluster).toEqual({ key: 1, name: 'east', type: 'acme', credentialsKey: 1, defaultsKey: 1, ...rest })
      expect(await clusters.get(1)).toEqual(cluster)
      expect(await clusters.find('east')).toEqual(cluster)
      expect(await clusters.find('west')).toBeUndefined()
      expect(await clusters.list()).toEqual([cluster])
      expect(await defaults.get(1)).toEqual({ key: 1, datastore: 'ssd' })
      expect(await credentials.list()).toEqual([
        { key: 1, name: 'east', url: 'https://east', username: 'root', insecure: false, http: false },
      ])
      expect(sessions).toEqual([])
    })

    it('the password lies nowhere in clear', async () => {
      await clusters.add(east)
      const rows = await open.database.queries.selectFrom('credentials').selectAll().execute()
      expect(rows[0]!.password).toMatch(/^vk1\.a\./)
      expect(JSON.stringify([rows, told, await credentials.get(1)])).not.toContain('hunter2')
    })

    it('an unknown type is refused, and those that there are named', async () => {
      await expect(clusters.add({ ...east, type: 'acne' })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        details: { problems: [{ field: 'type', hint: 'there are: acme' }] },
      })
    })

    it('what the driver refuses is named as the caller wrote it, and nothing is written', async () => {
      const wrong = { ...east, credentials: { url: 'http://east' }, options: { zone: { racks: ['a', 5] } } }
      await expect(clusters.add(wrong)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        details: { problems: [{ field: 'credentials.url', problem: 'must be https' }, { field: 'options.zone.racks[1]' }] },
      })
      expect(await credentials.list()).toEqual([])
      expect(await defaults.list()).toEqual([])
    })

    it('a name is used once, and the credentials of the second are not left behind', async () => {
      await clusters.add(east)
      const again = clusters.add({ ...east, credentials: { ...east.credentials, name: 'other' } })
      await expect(again).rejects.toMatchObject({ code: 'CONFLICT', details: { field: 'name', with: 'east' } })
      const west = clusters.add({ ...east, name: 'west', credentials: { ...east.credentials, name: 'east' } })
      await expect(west).rejects.toMatchObject({ code: 'CONFLICT', details: { field: 'credentials.name' } })
      expect(await credentials.list()).toHaveLength(1)
      expect(await defaults.list()).toHaveLength(1)
    })

    it('stored credentials, defaults and callbacks must be there', async () => {
      await expect(clusters.add({ ...east, credentials: 9 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(clusters.add({ ...east, defaults: 9 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(clusters.add({ ...east, callbacks: [9] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect(await credentials.list()).toEqual([])
    })

    it('a change replaces what it names', async () => {
      await clusters.add(east)
      const changed = await clusters.update(1, { name: 'levant', defaultsKey: null, options: {} })
      expect(changed).toEqual({ key: 1, name: 'levant', type: 'acme', credentialsKey: 1, callbacks: [], options: {} })
      await expect(clusters.update(1, { options: { zone: 1 } })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      await expect(clusters.update(1, { type: 'acne' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      expect(told.at(-1)).toBe('cluster.updated cluster/1 {"name":"levant","changed":["name","defaultsKey","options"]}')
    })

    it('a cluster with networks stays; its credentials stay as long as it does', async () => {
      await clusters.add(east)
      const network = { name: 'n', clusterKey: 1, dhcp: 1, dns: '[]', isolated: 0 }
      await open.database.queries.insertInto('networks').values(network).execute()
      await expect(clusters.remove(1)).rejects.toMatchObject({ code: 'CONFLICT', details: { with: 'networks' } })
      await expect(credentials.remove(1)).rejects.toMatchObject({ code: 'CONFLICT' })
      await expect(defaults.remove(1)).rejects.toMatchObject({ code: 'CONFLICT' })
      await open.database.queries.deleteFrom('networks').execute()
      await clusters.remove(1)
      await credentials.remove(1)
      await defaults.remove(1)
      await expect(clusters.get(1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })

    it('others than administrators see what their groups are given', async () => {
      await clusters.add(east)
      await clusters.add({ ...east, name: 'west', defaults: undefined })
      const { queries } = open.database
      await queries.insertInto('userGroups').values({ name: 'team', createdAt: 0 }).execute()
      await queries.insertInto('userGroupClusters').values({ groupKey: 1, clusterKey: 2 }).execute()
      const actor: UserActor = { kind: 'user', user: 1, name: 'ada', permissions: new Set(['clusters:read']), groups: [1] }
      expect((await clusters.list({ actor })).map((each) => each.name)).toEqual(['west'])
      expect(await clusters.find('east', { actor })).toBeUndefined()
      await expect(clusters.get(1, { actor })).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(clusters.check(1, { actor })).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect(await clusters.list({ actor: { ...actor, groups: [] } })).toEqual([])
      await expect(clusters.remove(2, { actor })).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(credentials.list({ actor })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    })

    it('a check connects, asks, and hangs up', async () => {
      await clusters.add(east)
      expect(await clusters.check(1)).toEqual({
        product: 'Acme',
        version: '1',
        facets: ['inventory', 'machines', 'power', 'snapshots', 'privileges'],
        absent: ['media', 'guest', 'console', 'templates', 'watch'],
        supports: { snapshots: { memory: false, rename: true } },
        missing: [{ operation: 'machines.create', privilege: 'VM.Allocate', path: '/' }],
      })
      expect(sessions).toEqual([{ closed: true, password: 'hunter2' }])
    })

    it('credentials are tested as they are stored now', async () => {
      await clusters.add(east)
      await credentials.update(1, { password: 'wrong' })
      await expect(credentials.test(1, 'acme')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
      await credentials.update(1, { password: new Secret('right'), insecure: true })
      expect(await credentials.test(1, 'acme')).toMatchObject({ product: 'Acme' })
      expect(await credentials.get(1)).toMatchObject({ username: 'root', insecure: true })
      await expect(credentials.test(1, 'acne')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    })

    it('rotation seals anew what an older key sealed, and only that', async () => {
      await clusters.add(east)
      wire(new AesKeyring([key('b'), key('a')]))
      await credentials.add({ name: 'new', url: 'https://x', password: 'fresh' })
      expect(await credentials.rotate()).toBe(1)
      expect(await credentials.rotate()).toBe(0)
      wire(new AesKeyring([key('b')]))
      await clusters.check(1)
      await credentials.test(2, 'acme')
      expect(sessions.map((each) => each.password)).toEqual(['hunter2', 'fresh'])
    })

    it('defaults are replaced as a whole', async () => {
      await defaults.add({ datacenter: 'dc', host: 'h1' })
      expect(await defaults.update(1, { resourcePool: 'gold' })).toEqual({ key: 1, resourcePool: 'gold' })
      expect(await defaults.list()).toEqual([{ key: 1, resourcePool: 'gold' }])
      await expect(defaults.update(2, {})).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })
  })
})
