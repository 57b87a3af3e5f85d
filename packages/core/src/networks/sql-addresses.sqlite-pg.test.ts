import fc from 'fast-check'
import { type Clock, formatIp, isVirtkitError, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestPlan, addCluster, addNetwork, fill } from '../../test/address-network.ts'
import type { Database } from '../database/database.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import { type AddressPlan, isInPool, poolOf } from './address-rules.ts'
import type { AddressRequest } from './addresses.ts'
import { SqlAddresses } from './sql-addresses.ts'

eachDatabase((db) => {
  let now = 1_000
  const clock: Clock = { ...systemClock, now: () => now }
  let open: OpenDatabase
  let database: Database
  let addresses: SqlAddresses

  beforeEach(async () => {
    now = 1_000
    open = await openDatabase(await db.options())
    database = open.database
    addresses = new SqlAddresses(database, clock)
    await addCluster(database)
  })
  afterEach(() => open[Symbol.asyncDispose]())

  const network = (plan: TestPlan): Promise<number> => addNetwork(database, plan)
  const allocate = (request: AddressRequest): Promise<string> =>
    database.transaction((queries) => addresses.allocate(queries, request))
  const predict = (key: number): Promise<string> => addresses.predict(database.queries, key)
  const release = (key: number, owner: string): Promise<void> => addresses.release(database.queries, key, owner)
  const inUse = async (key: number): Promise<string[]> =>
    (await addresses.list(database.queries, key)).map((entry) => entry.address)

  it('the lowest free address is handed out, over the gateway and into gaps', async () => {
    const key = await network({ cidr: '10.0.0.0/24', gateway: '10.0.0.2' })
    const got: string[] = []
    for (const owner of ['a', 'b', 'c']) got.push(await allocate({ networkKey: key, owner }))
    expect(got).toEqual(['10.0.0.1', '10.0.0.3', '10.0.0.4'])
    await release(key, 'b')
    await release(key, 'b')
    expect(await predict(key)).toBe('10.0.0.3')
    expect(await allocate({ networkKey: key, owner: 'd' })).toBe('10.0.0.3')
    expect(await inUse(key)).toEqual(['10.0.0.1', '10.0.0.3', '10.0.0.4'])
  })

  it('the same owner gets the same address again, and keeps what is used when it asks for a hold', async () => {
    const key = await network({ cidr: '10.0.0.0/24' })
    expect(await allocate({ networkKey: key, owner: 'nic/1' })).toBe('10.0.0.1')
    expect(await allocate({ networkKey: key, owner: 'nic/1', address: '10.0.0.1', holdUntil: 2_000 })).toBe('10.0.0.1')
    expect(await addresses.list(database.queries, key)).toEqual([{ address: '10.0.0.1', owner: 'nic/1', state: 'used' }])
    await expect(allocate({ networkKey: key, owner: 'nic/1', address: '10.0.0.9' })).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { field: 'ip', with: '10.0.0.1' },
    })
  })

  it('an address asked for may lie outside of the range, not be taken', async () => {
    const key = await network({ cidr: '10.0.0.0/24', reservation: '10.0.0.16/28' })
    expect(await allocate({ networkKey: key, owner: 'a', address: '10.0.0.200' })).toBe('10.0.0.200')
    expect(await allocate({ networkKey: key, owner: 'b', address: '10.0.0.15' })).toBe('10.0.0.15')
    expect(await allocate({ networkKey: key, owner: 'c' })).toBe('10.0.0.16')
    await expect(allocate({ networkKey: key, owner: 'd', address: '10.0.0.200' })).rejects.toMatchObject({
      code: 'ADDRESS_TAKEN',
      details: { network: 'lab', address: '10.0.0.200' },
    })
  })

  it.each([
    ['10.0.0.0', /network address/],
    ['10.0.0.255', /broadcast address/],
    ['10.0.0.1', /gateway address/],
    ['10.0.1.7', /is not in lab \(10\.0\.0\.0\/24\)/],
    ['2001:db8::1', /is not in lab/],
    ['10.0.0', /not an IP address/],
  ])('%s cannot be asked for', async (address, problem) => {
    const key = await network({ cidr: '10.0.0.0/24', gateway: '10.0.0.1' })
    await expect(allocate({ networkKey: key, owner: 'a', address })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { problems: [{ field: 'ip', problem: expect.stringMatching(problem) as string }] },
    })
    expect(await inUse(key)).toEqual([])
  })

  it('a network that is used up says so with its name and range', async () => {
    const key = await network({ cidr: '10.0.0.0/24', reservation: '10.0.0.8-10.0.0.10', gateway: '10.0.0.9' })
    for (const owner of ['a', 'b']) await allocate({ networkKey: key, owner })
    const refusal = { code: 'ADDRESS_POOL_EXHAUSTED', details: { network: 'lab', range: '10.0.0.8-10.0.0.10' } }
    await expect(allocate({ networkKey: key, owner: 'c' })).rejects.toMatchObject(refusal)
    await expect(predict(key)).rejects.toMatchObject(refusal)
  })

  it('a network with DHCP, and one that does not exist, hand out nothing', async () => {
    const key = await network({ cidr: '10.0.0.0/24', dhcp: true })
    await expect(allocate({ networkKey: key, owner: 'a' })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(predict(key)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(allocate({ networkKey: 999, owner: 'a' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('a transaction that rolls back gives its address back', async () => {
    const key = await network({ cidr: '10.0.0.0/24' })
    const work = database.transaction(async (queries) => {
      expect(await addresses.allocate(queries, { networkKey: key, owner: 'a' })).toBe('10.0.0.1')
      throw new Error('changed my mind')
    })
    await expect(work).rejects.toThrow('changed my mind')
    expect(await allocate({ networkKey: key, owner: 'b' })).toBe('10.0.0.1')
  })

  describe('a hold', () => {
    it('keeps its address to the end of its time, and not longer', async () => {
      const key = await network({ cidr: '10.0.0.0/24' })
      expect(await allocate({ networkKey: key, owner: 'hold/1', holdUntil: 2_000 })).toBe('10.0.0.1')
      now = 2_000
      expect(await predict(key)).toBe('10.0.0.2')
      expect(await addresses.list(database.queries, key)).toEqual([
        { address: '10.0.0.1', owner: 'hold/1', state: 'held', expiresAt: 2_000 },
      ])
      now = 2_001
      expect(await predict(key)).toBe('10.0.0.1')
      expect(await inUse(key)).toEqual([])
      expect(await allocate({ networkKey: key, owner: 'nic/1' })).toBe('10.0.0.1')
      expect(await allocate({ networkKey: key, owner: 'hold/1' })).toBe('10.0.0.2')
    })

    it('that has ended may be replaced by who asks for its address', async () => {
      const key = await network({ cidr: '10.0.0.0/24' })
      await allocate({ networkKey: key, owner: 'hold/1', address: '10.0.0.7', holdUntil: 2_000 })
      await expect(allocate({ networkKey: key, owner: 'b', address: '10.0.0.7' })).rejects.toMatchObject({
        code: 'ADDRESS_TAKEN',
      })
      now = 2_001
      expect(await allocate({ networkKey: key, owner: 'b', address: '10.0.0.7' })).toBe('10.0.0.7')
      expect(await allocate({ networkKey: key, owner: 'hold/1', address: '10.0.0.8' })).toBe('10.0.0.8')
    })

    it('that became use sends nobody the long way once its time is over', async () => {
      const key = await network({ cidr: '10.0.0.0/24' })
      await allocate({ networkKey: key, owner: 'nic/1', holdUntil: 2_000 })
      await allocate({ networkKey: key, owner: 'nic/1' })
      now = 3_000
      expect(await allocate({ networkKey: key, owner: 'nic/2' })).toBe('10.0.0.2')
      const waiting = database.queries.selectFrom('addressWindows').select('expires').where('expires', 'is not', null)
      expect(await waiting.execute()).toEqual([])
    })

    it('is prolonged, moved once it has ended, or becomes use by its owner', async () => {
      const key = await network({ cidr: '10.0.0.0/24' })
      await allocate({ networkKey: key, owner: 'hold/1', holdUntil: 2_000 })
      await allocate({ networkKey: key, owner: 'hold/1', holdUntil: 3_000 })
      now = 2_500
      expect(await inUse(key)).toEqual(['10.0.0.1'])
      now = 3_001
      expect(await allocate({ networkKey: key, owner: 'hold/1', address: '10.0.0.5', holdUntil: 4_000 })).toBe('10.0.0.5')
      expect(await allocate({ networkKey: key, owner: 'hold/1' })).toBe('10.0.0.5')
      now = 9_000
      expect(await addresses.list(database.queries, key)).toEqual([{ address: '10.0.0.5', owner: 'hold/1', state: 'used' }])
    })
  })

  it('what is excluded is handed out to nobody who does not ask for it, and does not come back into the range', async () => {
    const key = await network({ cidr: '10.0.0.0/29', excluded: ['10.0.0.1-10.0.0.2', '10.0.0.4'] })
    expect(await allocate({ networkKey: key, owner: 'a' })).toBe('10.0.0.3')
    expect(await allocate({ networkKey: key, owner: 'b', address: '10.0.0.4' })).toBe('10.0.0.4')
    await release(key, 'b')
    expect(await allocate({ networkKey: key, owner: 'c' })).toBe('10.0.0.5')
    expect(await allocate({ networkKey: key, owner: 'd' })).toBe('10.0.0.6')
    await expect(allocate({ networkKey: key, owner: 'e' })).rejects.toMatchObject({ code: 'ADDRESS_POOL_EXHAUSTED' })
  })

  describe('a quarantine', () => {
    const tiny = async (): Promise<number> => network({ cidr: '10.0.0.0/30', quarantineMs: 1_000 })

    it('keeps what was given back from others to the end of its time, and not longer', async () => {
      const key = await tiny()
      await allocate({ networkKey: key, owner: 'a' })
      await allocate({ networkKey: key, owner: 'b' })
      await release(key, 'a')
      await release(key, 'a')
      const rests = { address: '10.0.0.1', owner: 'a', state: 'quarantined', expiresAt: 2_000 }
      expect((await addresses.list(database.queries, key))[0]).toEqual(rests)
      now = 2_000
      await expect(allocate({ networkKey: key, owner: 'c' })).rejects.toMatchObject({ code: 'ADDRESS_POOL_EXHAUSTED' })
      now = 2_001
      expect(await predict(key)).toBe('10.0.0.1')
      expect(await allocate({ networkKey: key, owner: 'c' })).toBe('10.0.0.1')
    })

    it('does not hold for its last owner, nor for who asks by name', async () => {
      const key = await tiny()
      await allocate({ networkKey: key, owner: 'a' })
      await release(key, 'a')
      expect(await allocate({ networkKey: key, owner: 'a' })).toBe('10.0.0.1')
      await release(key, 'a')
      expect(await allocate({ networkKey: key, owner: 'a', address: '10.0.0.2' })).toBe('10.0.0.2')
      expect(await allocate({ networkKey: key, owner: 'b', address: '10.0.0.1' })).toBe('10.0.0.1')
      expect(await inUse(key)).toEqual(['10.0.0.1', '10.0.0.2'])
    })
  })

  it('a change of the range takes back what was ready to be handed out, and asks nobody for what they have', async () => {
    const key = await network({ cidr: '10.0.0.0/24' })
    await allocate({ networkKey: key, owner: 'a' })
    await allocate({ networkKey: key, owner: 'b', address: '10.0.0.65' })
    await database.transaction(async (queries) => {
      await addresses.replan(queries, key)
      await queries.updateTable('networks').set({ reservation: '10.0.0.64/29' }).execute()
    })
    const got: string[] = []
    for (const owner of ['c', 'd']) got.push(await allocate({ networkKey: key, owner }))
    expect(got).toEqual(['10.0.0.64', '10.0.0.66'])
    for (const owner of ['a', 'b', 'c']) await release(key, owner)
    expect(await predict(key)).toBe('10.0.0.64')
    expect(await allocate({ networkKey: key, owner: 'e' })).toBe('10.0.0.64')
    expect(await allocate({ networkKey: key, owner: 'f' })).toBe('10.0.0.65')
  })

  it('a full network of 65,534 addresses gives back and hands out its one free address again and again', async () => {
    const key = await network({ cidr: '10.0.0.0/16' })
    await fill(database, key, 65_534)
    await expect(allocate({ networkKey: key, owner: 'one more' })).rejects.toMatchObject({ code: 'ADDRESS_POOL_EXHAUSTED' })
    for (const index of [65_533, 7, 30_000]) {
      await release(key, `nic/${index}`)
      const freed = formatIp({ version: 4, value: 0x0a00_0001n + BigInt(index) })
      expect(await predict(key)).toBe(freed)
      expect(await allocate({ networkKey: key, owner: `again/${index}` })).toBe(freed)
    }
  })

  it.each([{ cidr: '10.0.0.0/8' }, { cidr: '2001:db8::/32' }])(
    'a network as large as $cidr is searched, not walked',
    async ({ cidr }) => {
      const key = await network({ cidr })
      const { network: whole, first } = poolOf({ cidr })
      for (let i = 0n; i < 50n; i += 1n) {
        const expected = formatIp({ version: whole.version, value: first + i })
        expect(await allocate({ networkKey: key, owner: `nic/${i}` })).toBe(expected)
      }
      const middle = formatIp({ version: whole.version, value: (whole.first + whole.last) / 2n })
      expect(await allocate({ networkKey: key, owner: 'middle', address: middle })).toBe(middle)
      expect(await predict(key)).toBe(formatIp({ version: whole.version, value: first + 50n }))
    },
  )

  it('the lowest free address is the one that counting finds, whatever is used, held or reserved', async () => {
    const key = await network({ cidr: '10.0.0.0/28' })
    await fc.assert(
      fc.asyncProperty(situation, async ({ plan, taken }) => {
        await database.transaction(async (queries) => {
          await addresses.replan(queries, key)
          const { cidr, reservation = null, gateway = null, excluded = [] } = plan
          await queries
            .updateTable('networks')
            .set({ cidr, reservation, gateway, excluded: JSON.stringify(excluded) })
            .execute()
          await queries.deleteFrom('addresses').execute()
          for (const [offset, how] of taken.entries()) {
            if (how === 'free') continue
            const holdUntil = how === 'ended' ? now - 1 : undefined
            const request = {
              networkKey: key,
              owner: `nic/${offset}`,
              address: nth(plan, offset),
              ...(holdUntil && { holdUntil }),
            }
            await addresses.allocate(queries, request).catch((error: unknown) => {
              // What the plan reserves cannot be taken; the rest of the situation stands.
              if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
            })
          }
        })
        const used = new Set(await inUse(key))
        expect(await predict(key).catch(() => 'exhausted')).toBe(countUp(plan, used))
      }),
      { numRuns: 40, seed: 20_241_124 },
    )
  })
})

/** Small networks of both versions, and which of their addresses are taken. */
const situation = fc
  .record({
    cidr: fc.constantFrom('10.0.0.0/28', '10.0.0.16/30', '10.0.0.4/31', '10.0.0.9/32', '2001:db8::/124', '2001:db8::4/127'),
    range: fc.option(fc.tuple(fc.nat(15), fc.nat(15)), { nil: undefined }),
    gateway: fc.option(fc.nat(15), { nil: undefined }),
    taken: fc.array(fc.constantFrom('used', 'used', 'used', 'used', 'ended', 'free'), { minLength: 16, maxLength: 16 }),
  })
  .map(({ cidr, range, gateway, taken }) => {
    const size = Number(poolOf({ cidr }).network.last - poolOf({ cidr }).network.first) + 1
    const [low, high] = (range ?? []).map((each) => each % size).toSorted((a, b) => a - b)
    const plan: AddressPlan = {
      cidr,
      ...(gateway !== undefined && { gateway: nth({ cidr }, gateway % size) }),
      ...(low !== undefined && { reservation: `${nth({ cidr }, low)}-${nth({ cidr }, high!)}` }),
    }
    return { plan, taken: taken.slice(0, size) }
  })

function nth({ cidr }: AddressPlan, offset: number): string {
  const { network } = poolOf({ cidr })
  return formatIp({ version: network.version, value: network.first + BigInt(offset) })
}

function countUp(plan: AddressPlan, used: ReadonlySet<string>): string {
  const pool = poolOf(plan)
  for (let value = pool.network.first; value <= pool.network.last; value += 1n) {
    const ip = { version: pool.network.version, value }
    if (isInPool(pool, ip) && !used.has(formatIp(ip))) return formatIp(ip)
  }
  return 'exhausted'
}
