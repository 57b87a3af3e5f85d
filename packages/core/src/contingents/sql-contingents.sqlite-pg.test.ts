import { type Clock, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { UserActor } from '../access/actor.ts'
import { RoleAccess } from '../access/role-access.ts'
import type { Database, Queries } from '../database/database.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Events, NewEvent } from '../events/events.ts'
import type { Amount } from './contingents.ts'
import { SqlContingents } from './sql-contingents.ts'

eachDatabase((db) => {
  let now = 1_000
  const clock: Clock = { ...systemClock, now: () => now }
  let open: OpenDatabase
  let database: Database
  let contingents: SqlContingents
  let told: NewEvent[]
  let group: number

  const on = (each: Database): SqlContingents => new SqlContingents(each, new RoleAccess(), recorder(told), clock)

  beforeEach(async () => {
    now = 1_000
    told = []
    open = await openDatabase(await db.options())
    database = open.database
    contingents = on(database)
    group = await addGroup(database, 'lab')
  })
  afterEach(() => open[Symbol.asyncDispose]())

  const charge = (amount: Partial<Amount>, key = group): Promise<void> =>
    database.transaction((queries) => contingents.charge(queries, key, some(amount)))
  const reserve = (owner: string, amount: Partial<Amount>, expiresAt = 5_000, key = group): Promise<void> =>
    database.transaction((queries) =>
      contingents.reserve(queries, { groupKey: key, owner, amount: some(amount), expiresAt }),
    )
  const release = (owner: string): Promise<void> => database.transaction((queries) => contingents.release(queries, owner))
  const current = async (): Promise<{ used: Amount; reserved: Amount }> => (await contingents.ofGroup(group))!

  it('limits are set, replaced, listed and removed, and told', async () => {
    const made = await contingents.set(group, limits)
    expect(made).toEqual({ key: made.key, group, limits, used: some({}), reserved: some({}) })
    const changed = await contingents.set(group, { ...limits, cpu: 1 })
    expect(changed).toMatchObject({ key: made.key, limits: { cpu: 1 } })
    expect(await contingents.get(made.key)).toEqual(changed)
    expect(await contingents.list()).toEqual([changed])
    await contingents.remove(made.key)
    expect(await contingents.ofGroup(group)).toBeUndefined()
    await expect(contingents.remove(made.key)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(told.map(({ type, subject }) => `${type} ${subject}`)).toEqual(
      ['created', 'updated', 'removed'].map((what) => `contingent.${what} contingent/${made.key}`),
    )
  })

  it('a group gets limits once, and by their key they change, even to be another group’s', async () => {
    const other = await addGroup(database, 'other')
    await database.transaction(async (queries) => {
      await addMachine(queries, group, 'erp', { cpus: 2, memoryMiB: 1024, diskMiB: 10 })
      await addMachine(queries, other, 'mail', { cpus: 4, memoryMiB: 2048, diskMiB: 20 })
    })
    const made = await contingents.add(group, limits)
    expect(made.used).toEqual({ vm: 1, cpu: 2, memory: 1024, disk: 10 })
    await expect(contingents.add(group, limits)).rejects.toMatchObject({ code: 'CONFLICT', details: { field: 'group' } })
    const moved = await contingents.update(made.key, other, { ...limits, cpu: 1 })
    expect(moved).toMatchObject({ key: made.key, group: other, limits: { cpu: 1 }, used: { vm: 1, cpu: 4, memory: 2048 } })
    expect(await contingents.ofGroup(group)).toBeUndefined()
    const again = await contingents.add(group, limits)
    await expect(contingents.update(again.key, other, limits)).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(contingents.update(99, other, limits)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(contingents.update(again.key, 99, limits)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await contingents.verify()).toEqual([])
  })

  it('limits that are given to a group count the machine that is coming to it', async () => {
    const other = await addGroup(database, 'other')
    const { key } = await contingents.add(group, limits)
    const [onPaper, committed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const growing = database.transaction(async (queries) => {
      await contingents.charge(queries, other, some({ vm: 1, cpu: 1 }))
      await addMachine(queries, other, 'erp', { cpus: 1, memoryMiB: 0, diskMiB: 0 })
      onPaper.resolve()
      await committed.promise
    })
    await onPaper.promise
    const moving = contingents.update(key, other, limits)
    // Time enough to do it without waiting, if it did.
    setTimeout(committed.resolve, 150)
    expect((await moving).used).toEqual(some({ vm: 1, cpu: 1 }))
    await growing
    expect(await contingents.verify()).toEqual([])
  })

  it('limits of a group that does not exist, and limits that are none, are refused', async () => {
    await expect(contingents.set(99, limits)).rejects.toMatchObject({ code: 'NOT_FOUND', details: { what: 'group' } })
    await expect(contingents.set(group, { ...limits, vm: -1 })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(contingents.get(99)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('a user sees the contingents of their own groups, and changes none without permission', async () => {
    const other = await addGroup(database, 'other')
    const theirs = await contingents.set(other, limits)
    const mine = await contingents.set(group, limits)
    const by = { actor: viewer([group]) }
    expect(await contingents.list(by)).toEqual([mine])
    expect(await contingents.ofGroup(other, by)).toBeUndefined()
    await expect(contingents.get(theirs.key, by)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(contingents.plan(other, some({}), by)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(contingents.set(group, limits, by)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await contingents.list({ actor: viewer([]) })).toEqual([])
  })

  it('a charge is used, and a negative one gives back', async () => {
    await contingents.set(group, limits)
    await charge({ vm: 1, cpu: 4, memory: 1024, disk: 2048 })
    await charge({ cpu: -1, disk: 1 })
    await charge({})
    expect((await current()).used).toEqual({ vm: 1, cpu: 3, memory: 1024, disk: 2049 })
  })

  it('a refusal names every dimension that blocks, and changes nothing', async () => {
    await contingents.set(group, limits)
    await charge({ vm: 1, cpu: 4 })
    await reserve('operation/1', { cpu: 2, memory: 1024 })
    await expect(charge({ vm: 1, cpu: 3, memory: 3073, disk: 5 })).rejects.toMatchObject({
      code: 'CONTINGENT_EXCEEDED',
      outcome: 'did-not-happen',
      details: {
        group,
        blocking: [
          { dimension: 'cpu', limit: 8, used: 4, reserved: 2, asked: 3 },
          { dimension: 'memory', limit: 4096, used: 0, reserved: 1024, asked: 3073 },
        ],
      },
    })
    expect((await current()).used).toEqual(some({ vm: 1, cpu: 4 }))
  })

  it('a limit below the use blocks growth only', async () => {
    await contingents.set(group, limits)
    await charge({ vm: 2, cpu: 8 })
    await contingents.set(group, { ...limits, cpu: 4 })
    await charge({ memory: 1 })
    await charge({ cpu: -2, memory: 1 })
    await expect(charge({ cpu: 1 })).rejects.toMatchObject({ code: 'CONTINGENT_EXCEEDED' })
    expect((await current()).used).toEqual(some({ vm: 2, cpu: 6, memory: 2 }))
  })

  it('giving back more than is used is our mistake, and is not hidden', async () => {
    await contingents.set(group, limits)
    await charge({ vm: 1 })
    await expect(charge({ vm: -1, cpu: -1 })).rejects.toMatchObject({ code: 'INTERNAL', message: /gives back more.*cpu/ })
    expect((await current()).used).toEqual(some({ vm: 1 }))
  })

  it('a group without limits is charged nothing, and gets what its machines have when limits come', async () => {
    await charge({ vm: 1_000_000 })
    await addMachine(database.queries, group, 'a', { cpus: 2, memoryMiB: 1024, diskMiB: 10 })
    await addMachine(database.queries, group, 'b', { cpus: 4, memoryMiB: 512, diskMiB: 20 })
    await reserve('operation/1', { vm: 1, cpu: 1 })
    const made = await contingents.set(group, limits)
    expect(made).toMatchObject({ used: { vm: 2, cpu: 6, memory: 1536, disk: 30 }, reserved: some({ vm: 1, cpu: 1 }) })
    await expect(charge({ vm: 1 })).rejects.toMatchObject({ code: 'CONTINGENT_EXCEEDED' })
    expect(await contingents.verify()).toEqual([])
  })

  it('a transaction that rolls back gives its charge and its reservation back', async () => {
    await contingents.set(group, limits)
    const work = database.transaction(async (queries) => {
      await contingents.charge(queries, group, some({ cpu: 2 }))
      await contingents.reserve(queries, { groupKey: group, owner: 'o', amount: some({ cpu: 2 }), expiresAt: 5_000 })
      throw new Error('changed my mind')
    })
    await expect(work).rejects.toThrow('changed my mind')
    expect(await current()).toMatchObject({ used: some({}), reserved: some({}) })
    expect(await contingents.verify()).toEqual([])
  })

  describe('a reservation', () => {
    it('takes room until it is released, once', async () => {
      await contingents.set(group, limits)
      await reserve('operation/1', { cpu: 6 })
      await expect(charge({ cpu: 3 })).rejects.toMatchObject({ code: 'CONTINGENT_EXCEEDED' })
      await release('operation/1')
      await release('operation/1')
      await charge({ cpu: 3 })
      expect(await current()).toMatchObject({ used: some({ cpu: 3 }), reserved: some({}) })
    })

    it('is replaced by another of the same owner, and only the difference is asked for', async () => {
      await contingents.set(group, limits)
      await reserve('operation/1', { cpu: 6 })
      await reserve('operation/1', { cpu: 8, vm: 1 })
      expect((await current()).reserved).toEqual(some({ cpu: 8, vm: 1 }))
      await expect(reserve('operation/1', { cpu: 9 })).rejects.toMatchObject({ code: 'CONTINGENT_EXCEEDED' })
      await reserve('operation/1', { cpu: 1 })
      expect((await current()).reserved).toEqual(some({ cpu: 1 }))
    })

    it('moves to another group with its owner', async () => {
      const other = await addGroup(database, 'other')
      await contingents.set(group, limits)
      await contingents.set(other, limits)
      await reserve('operation/1', { cpu: 6 })
      await reserve('operation/1', { cpu: 5 }, 5_000, other)
      expect(await contingents.list()).toMatchObject([{ reserved: some({}) }, { reserved: some({ cpu: 5 }) }])
      expect(await contingents.verify()).toEqual([])
    })

    it('is settled as use without being asked for again, even when the limit has been lowered', async () => {
      await contingents.set(group, limits)
      await reserve('operation/1', { cpu: 6 })
      await contingents.set(group, { ...limits, cpu: 1 })
      await database.transaction((queries) => contingents.settle(queries, 'operation/1', group, some({ cpu: 6 })))
      expect(await current()).toMatchObject({ used: some({ cpu: 6 }), reserved: some({}) })
      const less = database.transaction((queries) => contingents.settle(queries, 'operation/1', group, some({ cpu: -7 })))
      await expect(less).rejects.toMatchObject({ code: 'INTERNAL' })
    })

    it('whose time is over is swept by whoever needs its room, and seen through by a plan', async () => {
      await contingents.set(group, limits)
      await reserve('operation/1', { cpu: 6 }, 2_000)
      await reserve('operation/2', { vm: 1 }, 9_000)
      now = 2_000
      expect((await contingents.plan(group, some({ cpu: 3 }))).fits).toBe(false)
      now = 2_001
      expect(await contingents.plan(group, some({ cpu: 8 }))).toMatchObject({ fits: true, free: { vm: 1, cpu: 8 } })
      await charge({ cpu: 8 })
      expect(await current()).toMatchObject({ used: some({ cpu: 8 }), reserved: some({ vm: 1 }) })
      expect((await contingents.verify()).filter(({ kind }) => kind === 'reserved')).toEqual([])
    })

    it('whose time is over may still be prolonged by its owner while nobody needs its room', async () => {
      await contingents.set(group, limits)
      await reserve('operation/1', { cpu: 6 }, 2_000)
      await reserve('operation/2', { cpu: 1 }, 2_000)
      now = 2_001
      await reserve('operation/1', { cpu: 8 }, 9_000)
      expect((await current()).reserved).toEqual(some({ cpu: 8 }))
      expect(await contingents.verify()).toEqual([])
    })

    it('is swept in the background, in groups with and without limits', async () => {
      const free = await addGroup(database, 'free')
      await contingents.set(group, limits)
      for (const [owner, until, key] of [
        ['a', 2_000, group],
        ['b', 2_000, free],
        ['c', 3_000, group],
      ] as const) {
        await reserve(owner, { cpu: 1 }, until, key)
      }
      now = 2_001
      const sweep = (): Promise<number> => database.transaction((queries) => contingents.sweep(queries))
      expect(await sweep()).toBe(2)
      expect(await sweep()).toBe(0)
      expect((await current()).reserved).toEqual(some({ cpu: 1 }))
      expect(await contingents.verify()).toEqual([])
    })
  })

  it('a plan charges nothing, and tells what blocks and what is free', async () => {
    expect(await contingents.plan(group, some({ cpu: 99 }))).toEqual({ fits: true, blocking: [] })
    await contingents.set(group, limits)
    await charge({ memory: 4000 })
    expect(await contingents.plan(group, some({ cpu: 1, memory: 97 }))).toEqual({
      fits: false,
      blocking: [{ dimension: 'memory', limit: 4096, used: 4000, reserved: 0, asked: 97 }],
      free: { vm: 2, cpu: 8, memory: 96, disk: 10_240 },
    })
    await expect(contingents.plan(99, some({}))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect((await current()).used).toEqual(some({ memory: 4000 }))
  })

  it('verify finds counters that differ from the machines and reservations', async () => {
    await contingents.set(group, limits)
    await charge({ vm: 1, cpu: 2 })
    await reserve('operation/1', { disk: 5 })
    await addMachine(database.queries, group, 'a', { cpus: 2, memoryMiB: 7, diskMiB: 0 })
    await database.queries.updateTable('contingents').set({ diskReserved: 4 }).execute()
    expect(await contingents.verify()).toEqual([
      { group, dimension: 'memory', kind: 'used', recorded: 0, actual: 7 },
      { group, dimension: 'disk', kind: 'reserved', recorded: 4, actual: 5 },
    ])
    expect(await contingents.verify({ actor: viewer([]) })).toEqual([])
  })
})

const limits: Amount = { vm: 2, cpu: 8, memory: 4096, disk: 10_240 }
const some = (amount: Partial<Amount>): Amount => ({ vm: 0, cpu: 0, memory: 0, disk: 0, ...amount })

function recorder(told: NewEvent[]): Events {
  return { append: async (_, event) => void told.push(event), on: () => () => {}, list: async () => [] }
}

function viewer(groups: readonly number[]): UserActor {
  return { kind: 'user', user: 7, name: 'vera', permissions: new Set(['contingents:read']), groups }
}

async function addGroup(database: Database, name: string): Promise<number> {
  const row = await database.queries
    .insertInto('userGroups')
    .values({ name, createdAt: 0 })
    .returning('key')
    .executeTakeFirstOrThrow()
  return row.key
}

type Hardware = { readonly cpus: number; readonly memoryMiB: number; readonly diskMiB: number }

async function addMachine(queries: Queries, ownerKey: number, name: string, hardware: Hardware): Promise<void> {
  const credentials = {
    key: 1,
    name: 'c',
    username: '',
    password: '',
    url: 'https://hypervisor.test',
    insecure: 0,
    http: 0,
  }
  await queries
    .insertInto('credentials')
    .values(credentials)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await queries
    .insertInto('clusters')
    .values({ key: 1, name: 'c', type: 'simulated', credentialsKey: 1, options: '{}' })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const fixed = { clusterKey: 1, os: 'debian-13', datastore: 'auto', provisioning: 'thin', firmware: 'uefi' } as const
  await queries
    .insertInto('machines')
    .values({ ...fixed, ...hardware, name, ownerKey, mark: name, state: 'planned', createdAt: 0, version: 1 })
    .execute()
}
