import { systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { RoleAccess } from '../access/role-access.ts'
import type { Database, Queries } from '../database/database.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Amount, Contingent } from './contingents.ts'
import { SqlContingents } from './sql-contingents.ts'

eachDatabase((db) => {
  let handles: OpenDatabase[]
  let contingents: SqlContingents
  let group: number

  beforeEach(async () => {
    handles = [await openDatabase(await db.options()), await openDatabase(await db.options())]
    contingents = on(handles[0]!.database)
    group = await addGroup(handles[0]!.database)
  })
  afterEach(async () => {
    for (const handle of handles) await handle[Symbol.asyncDispose]()
  })

  const current = async (): Promise<Contingent> => (await contingents.ofGroup(group))!
  /** Every second one on the other handle, all at once. */
  const race = (
    times: number,
    work: (queries: Queries, on: SqlContingents, index: number) => Promise<unknown>,
  ): Promise<PromiseSettledResult<unknown>[]> =>
    Promise.allSettled(
      Array.from({ length: times }, (_, index) => {
        const handle = handles[index % 2]!.database
        return handle.transaction((queries) => work(queries, on(handle), index))
      }),
    )

  it('two handles that race charge up to the limit, not one more and not one less', async () => {
    await contingents.set(group, { ...plenty, cpu: 20 })
    const outcomes = await race(64, (queries, mine) => mine.charge(queries, group, some({ cpu: 1 })))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
    for (const each of outcomes) {
      if (each.status === 'rejected') {
        expect(each.reason).toMatchObject({
          code: 'CONTINGENT_EXCEEDED',
          details: { blocking: [{ dimension: 'cpu', limit: 20, used: 20, reserved: 0, asked: 1 }] },
        })
      }
    }
    expect((await current()).used).toEqual(some({ cpu: 20 }))
  })

  it('two handles that race reserve up to the limit', async () => {
    await contingents.set(group, { ...plenty, cpu: 10 })
    const outcomes = await race(24, (queries, mine, index) =>
      mine.reserve(queries, { groupKey: group, owner: `operation/${index}`, amount: some({ cpu: 1 }), expiresAt: 5_000 }),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    expect((await current()).reserved).toEqual(some({ cpu: 10 }))
    expect(await contingents.verify()).toEqual([])
  })

  it('reservations that come at once without a transaction are granted up to the limit, and each refusal is true', async () => {
    await contingents.set(group, { ...plenty, cpu: 50 })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 120 }, (_, index) => {
        const handle = handles[index % 2]!.database
        const owner = `order/${index % 100}` // twenty of them come twice
        return on(handle).reserve(handle.queries, { groupKey: group, owner, amount: some({ cpu: 1 }), expiresAt: 9e12 })
      }),
    )
    const granted = new Set(outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index % 100] : [])))
    expect(granted.size).toBe(50)
    for (const each of outcomes) {
      if (each.status === 'fulfilled') continue
      expect(each.reason).toMatchObject({
        code: 'CONTINGENT_EXCEEDED',
        details: { blocking: [{ dimension: 'cpu', limit: 50, used: 0, reserved: 50, asked: 1 }] },
      })
    }
    expect((await current()).reserved).toEqual(some({ cpu: 50 }))
    expect(await contingents.verify()).toEqual([])
  })

  it('a reservation that is over does not stand in the way of those who come at once', async () => {
    await contingents.set(group, { ...plenty, cpu: 8 })
    const { queries } = handles[0]!.database
    const reserve = (owner: string, expiresAt: number): Promise<void> =>
      contingents.reserve(queries, { groupKey: group, owner, amount: some({ cpu: 4 }), expiresAt })
    await reserve('order/1', 1)
    await reserve('order/2', 1)
    await Promise.all([reserve('order/3', 9e12), reserve('order/4', 9e12)])
    await expect(reserve('order/5', 9e12)).rejects.toMatchObject({ code: 'CONTINGENT_EXCEEDED' })
    expect((await current()).reserved).toEqual(some({ cpu: 8 }))
    await Promise.all(['order/3', 'order/3', 'order/9'].map((owner) => contingents.release(queries, owner)))
    await reserve('order/5', 9e12)
    expect(await contingents.verify()).toEqual([])
  })

  it('two handles that race count each machine once, when limits come and go while machines are made', async () => {
    const makers = race(40, async (queries, mine, index) => {
      await mine.charge(queries, group, one)
      await insertMachine(queries, group, `machine-${index}`)
    })
    const mine = on(handles[0]!.database)
    for (let round = 0; round < 5; round += 1) {
      const { key } = await mine.set(group, plenty)
      await mine.remove(key)
    }
    await mine.set(group, plenty)
    expect((await makers).filter(({ status }) => status === 'rejected')).toEqual([])
    expect((await current()).used).toEqual({ vm: 40, cpu: 40, memory: 40, disk: 40 })
    expect(await contingents.verify()).toEqual([])
  })

  it('a machine counts that was charged before there were limits and is written down after they were asked for', async () => {
    let setting: Promise<unknown> | undefined
    await handles[0]!.database.transaction(async (queries) => {
      await on(handles[0]!.database).charge(queries, group, one)
      setting = on(handles[1]!.database).set(group, plenty)
      for (let turn = 0; turn < 50; turn += 1) await queries.selectFrom('userGroups').selectAll().execute()
      await insertMachine(queries, group, 'machine')
    })
    await setting
    expect((await current()).used).toEqual(one)
  })

  it('two handles that race are refused for a reason that holds, while others give back', async () => {
    await contingents.set(group, { ...plenty, cpu: 1 })
    const refusals: unknown[] = []
    const turns = Array.from({ length: 40 }, async (_, index) => {
      const handle = handles[index % 2]!.database
      const move = (cpu: number): Promise<void> =>
        handle.transaction((queries) => on(handle).charge(queries, group, some({ cpu })))
      await move(1).then(
        () => move(-1),
        (error: unknown) => refusals.push(error),
      )
    })
    await Promise.all(turns)
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        code: 'CONTINGENT_EXCEEDED',
        details: { blocking: [{ dimension: 'cpu', limit: 1, used: 1, reserved: 0, asked: 1 }] },
      })
    }
    expect((await current()).used).toEqual(some({}))
  })

  it('two handles that race reserve for one owner and have one reservation', async () => {
    await contingents.set(group, plenty)
    const outcomes = await race(16, (queries, mine, index) =>
      mine.reserve(queries, { groupKey: group, owner: 'operation/1', amount: some({ cpu: index + 1 }), expiresAt: 5_000 }),
    )
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([])
    expect(await contingents.verify()).toEqual([])
  })
})

const some = (amount: Partial<Amount>): Amount => ({ vm: 0, cpu: 0, memory: 0, disk: 0, ...amount })
const one: Amount = { vm: 1, cpu: 1, memory: 1, disk: 1 }
const plenty: Amount = { vm: 1000, cpu: 1000, memory: 1000, disk: 1000 }

function on(database: Database): SqlContingents {
  const events = { append: async () => {}, on: () => () => {}, list: async () => [] }
  return new SqlContingents(database, new RoleAccess(), events, { ...systemClock, now: () => 1_000 })
}

async function addGroup({ queries }: Database): Promise<number> {
  const credentials = {
    key: 1,
    name: 'c',
    username: '',
    password: '',
    url: 'https://hypervisor.test',
    insecure: 0,
    http: 0,
  }
  await queries.insertInto('credentials').values(credentials).execute()
  await queries
    .insertInto('clusters')
    .values({ key: 1, name: 'c', type: 'simulated', credentialsKey: 1, options: '{}' })
    .execute()
  const group = { name: 'lab', createdAt: 0 }
  return (await queries.insertInto('userGroups').values(group).returning('key').executeTakeFirstOrThrow()).key
}

async function insertMachine(queries: Queries, ownerKey: number, name: string): Promise<void> {
  const fixed = { clusterKey: 1, os: 'debian-13', datastore: 'auto', provisioning: 'thin', firmware: 'uefi' } as const
  const hardware = { cpus: 1, memoryMiB: 1, diskMiB: 1 }
  const row = { ...fixed, ...hardware, name, ownerKey, mark: name, state: 'planned', createdAt: 0, version: 1 } as const
  await queries.insertInto('machines').values(row).execute()
}
