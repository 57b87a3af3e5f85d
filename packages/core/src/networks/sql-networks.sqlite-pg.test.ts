import { eachDatabase } from '@virtkit/test-databases'
import { systemClock } from '@virtkit/spi'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { UserActor } from '../access/actor.ts'
import { RoleAccess } from '../access/role-access.ts'
import type { Queries } from '../database/database.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Events, NewEvent } from '../events/events.ts'
import { SqlAddresses } from './sql-addresses.ts'
import { SqlNetworks } from './sql-networks.ts'

const defaults = { dhcp: false, excluded: [], quarantineMs: 0, dns: [], isolated: false }

eachDatabase((db) => {
  let open: OpenDatabase
  let queries: Queries
  let networks: SqlNetworks
  let addresses: SqlAddresses
  let told: NewEvent[]
  let now = 1_000

  beforeEach(async () => {
    now = 1_000
    told = []
    open = await openDatabase(await db.options())
    queries = open.database.queries
    addresses = new SqlAddresses(open.database, { ...systemClock, now: () => now })
    const events: Events = { append: async (_, event) => void told.push(event), on: () => () => {}, list: async () => [] }
    networks = new SqlNetworks(open.database, new RoleAccess(), events, addresses)
    const credentials = { name: 'c', username: '', password: '', url: 'https://hypervisor.test', insecure: 0, http: 0 }
    await queries.insertInto('credentials').values(credentials).execute()
    for (const name of ['one', 'two']) {
      await queries.insertInto('clusters').values({ name, type: 'simulated', credentialsKey: 1, options: '{}' }).execute()
    }
  })
  afterEach(() => open[Symbol.asyncDispose]())

  const use = (networkKey: number, owner: string, address?: string, holdUntil?: number): Promise<string> =>
    open.database.transaction((inside) =>
      addresses.allocate(inside, { networkKey, owner, ...(address && { address }), ...(holdUntil && { holdUntil }) }),
    )

  it('a network is added, found, replaced and removed, and told', async () => {
    const full = {
      ...lab,
      reservation: '10.20.0.16/28',
      gateway: '10.20.0.1',
      dns: ['9.9.9.9'],
      zoneDomain: 'lab.example.org',
      isolated: true,
    }
    const made = await networks.add(full)
    expect(made).toEqual({ key: made.key, ...full, dhcp: false, excluded: [], quarantineMs: 0 })
    expect(await networks.get(made.key)).toEqual(made)
    expect(await networks.find(1, 'lab')).toEqual(made)
    expect(await networks.find(2, 'lab')).toBeUndefined()
    const replaced = await networks.update(made.key, { ...lab, name: 'renamed' })
    expect(replaced).toEqual({ key: made.key, ...lab, name: 'renamed', ...defaults })
    expect(await networks.list()).toEqual([replaced])
    await networks.remove(made.key)
    await expect(networks.get(made.key)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(told).toEqual([
      { type: 'network.created', subject: `network/${made.key}`, data: { name: 'lab', cluster: 1 } },
      { type: 'network.updated', subject: `network/${made.key}`, data: { name: 'renamed', cluster: 1 } },
      { type: 'network.removed', subject: `network/${made.key}`, data: { name: 'renamed', cluster: 1 } },
    ])
  })

  it('a name is used once per cluster', async () => {
    await networks.add(lab)
    const { key } = await networks.add({ ...lab, cluster: 2 })
    const taken = { code: 'CONFLICT', details: { field: 'name', with: 'lab' } }
    await expect(networks.add(lab)).rejects.toMatchObject(taken)
    await expect(networks.update(key, lab)).rejects.toMatchObject(taken)
    expect(told).toHaveLength(2)
  })

  it('what does not exist is not found', async () => {
    await expect(networks.add({ ...lab, cluster: 99 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      details: { what: 'cluster' },
    })
    for (const key of [99, -1, 2 ** 40]) {
      await expect(networks.get(key)).rejects.toMatchObject({ code: 'NOT_FOUND', details: { what: 'network' } })
      await expect(networks.update(key, lab)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(networks.remove(key)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
  })

  it('a user sees the networks given to their groups, and adds none to a cluster they do not see', async () => {
    const mine = await networks.add(lab)
    const other = await networks.add({ ...lab, name: 'other' })
    const { key: group } = await queries
      .insertInto('userGroups')
      .values({ name: 'g', createdAt: 0 })
      .returning('key')
      .executeTakeFirstOrThrow()
    await queries.insertInto('userGroupNetworks').values({ groupKey: group, networkKey: mine.key }).execute()
    await queries.insertInto('userGroupClusters').values({ groupKey: group, clusterKey: 2 }).execute()
    const by = (groups: number[]): { actor: UserActor } => ({
      actor: { kind: 'user', user: 7, name: 'vera', permissions: new Set(['networks:read', 'networks:write']), groups },
    })
    expect(await networks.list(by([group]))).toEqual([mine])
    expect(await networks.find(1, 'other', by([group]))).toBeUndefined()
    expect(await networks.list(by([]))).toEqual([])
    await expect(networks.get(other.key, by([group]))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(networks.remove(other.key, by([group]))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(networks.add({ ...lab, name: 'new' }, by([group]))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(networks.add({ ...lab, cluster: 2 }, by([group]))).resolves.toMatchObject({ cluster: 2 })
    const reader = { actor: { ...by([group]).actor, permissions: new Set(['networks:read']) } }
    await expect(networks.add({ ...lab, cluster: 2 }, reader)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('shrinking a network under addresses in use is refused, and names the first ten', async () => {
    const { key } = await networks.add({ ...lab, reservation: '10.20.0.16/28' })
    for (let index = 0; index < 12; index += 1) await use(key, `nic/${index}`)
    await use(key, 'outside', '10.20.0.200')
    await use(key, 'hold/1', '10.20.0.31', 2_000)
    const first =
      '10.20.0.18, 10.20.0.19, 10.20.0.20, 10.20.0.21, 10.20.0.22, 10.20.0.23, 10.20.0.24, 10.20.0.25, 10.20.0.26, 10.20.0.27'
    await expect(networks.update(key, { ...lab, reservation: '10.20.0.16/31' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `Addresses of lab are in use: ${first} and 1 more.`,
      details: { with: first },
    })
    await expect(networks.update(key, { ...lab, cidr: '10.20.0.0/25' })).rejects.toMatchObject({
      details: { with: '10.20.0.200' },
    })
    await expect(networks.update(key, { ...lab, gateway: '10.20.0.20' })).rejects.toMatchObject({
      details: { with: '10.20.0.20' },
    })
    now = 2_001
    const smaller = await networks.update(key, { ...lab, reservation: '10.20.0.16-10.20.0.27' })
    expect(await networks.get(key)).toEqual(smaller)
  })

  it('a network with addresses in use stays, and one with holds that have ended goes', async () => {
    const { key } = await networks.add(lab)
    await use(key, 'hold/1', undefined, 2_000)
    await expect(networks.remove(key)).rejects.toMatchObject({ code: 'CONFLICT', details: { with: '10.20.0.1' } })
    now = 2_001
    await networks.remove(key)
    expect(await networks.list()).toEqual([])
  })

  it('a network that a machine or a profile uses is not removed, nor moved to another cluster', async () => {
    const hardware = { os: 'debian-13', cpus: 1, memoryMiB: 1, diskMiB: 1, datastore: 'auto' }
    const ofProfile = await networks.add(lab)
    await queries
      .insertInto('profiles')
      .values({ key: 1, name: 'small', clusterKey: 1, ...hardware })
      .execute()
    await queries.insertInto('profileNetworks').values({ profileKey: 1, networkKey: ofProfile.key, position: 0 }).execute()
    const ofMachine = await networks.add({ name: 'site', cluster: 1, dhcp: true })
    await queries.insertInto('userGroups').values({ key: 1, name: 'g', createdAt: 0 }).execute()
    const state = { provisioning: 'thin', firmware: 'uefi', state: 'planned', mark: 'm', createdAt: 0, version: 1 } as const
    await queries
      .insertInto('machines')
      .values({ key: 1, name: 'web', ownerKey: 1, clusterKey: 1, ...hardware, ...state })
      .execute()
    const card = {
      machineKey: 1,
      networkKey: ofMachine.key,
      clusterKey: 1,
      position: 0,
      mac: '02:00:00:00:00:01',
      domains: '[]',
    }
    await queries.insertInto('machineNetworks').values(card).execute()

    const byProfile = { code: 'CONFLICT', details: { with: 'the profile small' } }
    const byMachine = { code: 'CONFLICT', details: { with: 'the machine web' } }
    await expect(networks.remove(ofProfile.key)).rejects.toMatchObject(byProfile)
    await expect(networks.remove(ofMachine.key)).rejects.toMatchObject(byMachine)
    await expect(networks.update(ofProfile.key, { ...lab, cluster: 2 })).rejects.toMatchObject(byProfile)
    await expect(networks.update(ofMachine.key, { name: 'site', cluster: 2, dhcp: true })).rejects.toMatchObject({
      details: { field: 'cluster', with: 'the machine web' },
    })
    await expect(networks.update(ofProfile.key, { ...lab, name: 'renamed' })).resolves.toMatchObject({ name: 'renamed' })
  })
})

const lab = { name: 'lab', cluster: 1, cidr: '10.20.0.0/24' }
