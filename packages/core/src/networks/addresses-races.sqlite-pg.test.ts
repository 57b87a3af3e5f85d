import { parseIp, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { addCluster, addNetwork, fill } from '../../test/address-network.ts'
import { sql } from 'kysely'
import type { Database, Queries } from '../database/database.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import { poolOf } from './address-rules.ts'
import { clearUp, tendWindow } from './address-window.ts'
import type { AddressRequest } from './addresses.ts'
import { SqlAddresses } from './sql-addresses.ts'

eachDatabase((db) => {
  const clock = systemClock
  let open: OpenDatabase
  let database: Database
  let addresses: SqlAddresses

  beforeEach(async () => {
    open = await openDatabase(await db.options())
    database = open.database
    addresses = new SqlAddresses(database, clock)
    await addCluster(database)
  })
  afterEach(() => open[Symbol.asyncDispose]())

  const network = (plan: Parameters<typeof addNetwork>[1]): Promise<number> => addNetwork(database, plan)
  const allocate = (request: AddressRequest): Promise<string> =>
    database.transaction((queries) => addresses.allocate(queries, request))
  const inUse = async (key: number): Promise<string[]> =>
    (await addresses.list(database.queries, key)).map((entry) => entry.address)

  it('two handles that race hand out every address once, and leave no gap', async () => {
    const key = await network({ cidr: '10.0.0.0/24', gateway: '10.0.0.5' })
    const handles = [await openDatabase(await db.options()), await openDatabase(await db.options())]
    try {
      const got = await Promise.all(
        Array.from({ length: 32 }, (_, index) => {
          const handle = handles[index % 2]!.database
          const mine = new SqlAddresses(handle, clock)
          return handle.transaction(async (queries) => {
            const address = await mine.allocate(queries, { networkKey: key, owner: `nic/${index}` })
            // The transaction goes on for a while: others must not see the address as free meanwhile.
            await queries.selectFrom('networks').selectAll().execute()
            return address
          })
        }),
      )
      const expected = Array.from({ length: 33 }, (_, index) => `10.0.0.${index + 1}`).filter((each) => each !== '10.0.0.5')
      expect(byNumber(got)).toEqual(expected)
      expect(await inUse(key)).toEqual(expected)
    } finally {
      for (const handle of handles) await handle[Symbol.asyncDispose]()
    }
  })

  it('two handles that race for the last address, and for one by name, have one winner each', async () => {
    const last = await network({ cidr: '10.0.0.8/30', reservation: '10.0.0.9/32' })
    const handles = [await openDatabase(await db.options()), await openDatabase(await db.options())]
    try {
      const race = (request: (index: number) => AddressRequest): Promise<PromiseSettledResult<string>[]> =>
        Promise.allSettled(
          Array.from({ length: 8 }, (_, index) => {
            const handle = handles[index % 2]!.database
            const mine = new SqlAddresses(handle, clock)
            return handle.transaction((queries) => mine.allocate(queries, request(index)))
          }),
        )
      const outcomes = (all: PromiseSettledResult<string>[]): string[] =>
        all.map((each) => (each.status === 'fulfilled' ? each.value : (each.reason as { code: string }).code)).toSorted()
      const forLast = await race((index) => ({ networkKey: last, owner: `nic/${index}` }))
      expect(outcomes(forLast)).toEqual(['10.0.0.9', ...Array<string>(7).fill('ADDRESS_POOL_EXHAUSTED')])
      const byName = await race((index) => ({ networkKey: last, owner: `card/${index}`, address: '10.0.0.10' }))
      expect(outcomes(byName)).toEqual(['10.0.0.10', ...Array<string>(7).fill('ADDRESS_TAKEN')])
      const sameOwner = await race(() => ({ networkKey: last, owner: outcomes(byName)[0]! }))
      expect(new Set(outcomes(sameOwner))).toEqual(new Set(['ADDRESS_POOL_EXHAUSTED']))
    } finally {
      for (const handle of handles) await handle[Symbol.asyncDispose]()
    }
  })

  it('a hold that has ended, and is somebody else’s by the time its owner comes again, is not answered to both', async () => {
    const key = await network({ cidr: '10.0.0.0/24' })
    await allocate({ networkKey: key, owner: 'first', holdUntil: 1 })
    const other = await openDatabase(await db.options())
    try {
      let again: Promise<string> | undefined
      await other.database.transaction(async (queries) => {
        const theirs = new SqlAddresses(other.database, clock)
        expect(await theirs.allocate(queries, { networkKey: key, owner: 'other' })).toBe('10.0.0.1')
        again = allocate({ networkKey: key, owner: 'first' })
        if (db.engine === 'postgres') await somebodyWaits(queries)
      })
      expect(await again).toBe('10.0.0.2')
    } finally {
      await other[Symbol.asyncDispose]()
    }
  })

  it('an address that was in somebody’s hand and put back, while it was asked for by name, is taken and not free', async () => {
    const key = await network({ cidr: '10.0.0.0/24' })
    await allocate({ networkKey: key, owner: 'has one' })
    const other = await openDatabase(await db.options())
    try {
      let asked: Promise<string> | undefined
      await other.database.transaction(async (queries) => {
        const theirs = new SqlAddresses(other.database, clock)
        expect(await theirs.allocate(queries, { networkKey: key, owner: 'has one' })).toBe('10.0.0.1')
        asked = allocate({ networkKey: key, owner: 'by name', address: '10.0.0.2' })
        if (db.engine === 'postgres') await somebodyWaits(queries)
      })
      expect(await asked).toBe('10.0.0.2')
      expect(await addresses.predict(database.queries, key)).toBe('10.0.0.3')
      expect(await allocate({ networkKey: key, owner: 'next' })).toBe('10.0.0.3')
    } finally {
      await other[Symbol.asyncDispose]()
    }
  })

  it('who clears up and who gives back what has just ended wait in a row and not in a circle', async () => {
    const key = await network({ cidr: '10.0.0.0/24' })
    const other = await openDatabase(await db.options())
    try {
      const now = clock.now()
      await allocate({ networkKey: key, owner: 'ending', holdUntil: now + 1000 })
      await allocate({ networkKey: key, owner: 'ended', holdUntil: now + 200 })
      await sleep(250)
      const window = Promise.withResolvers<void>()
      let tries = 0
      const clearing = database.transaction(async (queries) => {
        tries += 1
        await addresses.allocate(queries, { networkKey: key, owner: 'nic/1' })
        window.resolve()
        await sleep(Math.max(0, now + 1100 - clock.now())) // the other has its row by then, and waits for the window
        await addresses.allocate(queries, { networkKey: key, owner: 'nic/2' })
      })
      await window.promise
      const giving = other.database.transaction(async (queries) => {
        tries += 1
        await new SqlAddresses(other.database, clock).release(queries, key, 'ending')
      })
      await Promise.all([clearing, giving])
      expect(tries).toBe(2)
      expect(await inUse(key)).toHaveLength(2)
      expect(await allocate({ networkKey: key, owner: 'nic/3' })).toBe(db.engine === 'sqlite' ? '10.0.0.3' : '10.0.0.1')
    } finally {
      await other[Symbol.asyncDispose]()
    }
  })

  it('addresses that are given back while somebody fills the window and notes where it begins are the lowest again', async () => {
    const key = await network({ cidr: '10.0.0.0/16' })
    await fill(database, key, 140)
    expect(await allocate({ networkKey: key, owner: 'opens the window' })).toBe('10.0.0.141')
    const other = await openDatabase(await db.options())
    try {
      let tries = 0
      const giveBack = (owner: string): Promise<void> =>
        database.transaction(async (queries) => {
          tries += 1
          await addresses.release(queries, key, owner)
        })
      const given: Promise<void>[] = []
      await tendWindow(other.database, key, async (queries) => {
        given.push(giveBack('nic/2'), giveBack('nic/4'))
        if (db.engine === 'postgres') await somebodyWaits(queries, given.length)
        return poolOf({ cidr: '10.0.0.0/16' })
      })
      await Promise.all(given)
      expect(tries).toBe(2)
      expect(await allocate({ networkKey: key, owner: 'next' })).toBe('10.0.0.3')
      expect(await allocate({ networkKey: key, owner: 'and the next' })).toBe('10.0.0.5')
    } finally {
      await other[Symbol.asyncDispose]()
    }
  })

  it('the end of a hold that is made while somebody clears up is not forgotten', async () => {
    const key = await network({ cidr: '10.0.0.0/24' })
    const at = (now: number): SqlAddresses => new SqlAddresses(database, { ...clock, now: () => now })
    await at(0).allocate(database.queries, { networkKey: key, owner: 'ended', holdUntil: 5 })
    const other = await openDatabase(await db.options())
    try {
      let held: Promise<string> | undefined
      await other.database.transaction(async (queries) => {
        await clearUp(other.database, queries, key, 10)
        held = at(0).allocate(database.queries, { networkKey: key, owner: 'holds', holdUntil: 100 })
        if (db.engine === 'postgres') await somebodyWaits(queries)
      })
      const ended = (await held)!
      expect(['10.0.0.1', '10.0.0.2']).toContain(ended)
      const rest = ['a', 'b'].map((owner) => at(200).allocate(database.queries, { networkKey: key, owner }))
      expect((await Promise.all(rest)).toSorted()).toEqual(['10.0.0.1', '10.0.0.2'])
    } finally {
      await other[Symbol.asyncDispose]()
    }
  })

  it('one owner who comes eight times at once has one address', async () => {
    const key = await network({ cidr: '10.0.0.0/24' })
    const got = await Promise.all(Array.from({ length: 8 }, () => allocate({ networkKey: key, owner: 'nic/1' })))
    expect(new Set(got)).toEqual(new Set(['10.0.0.1']))
  })

  it('calls that come at once without a transaction share one, and each owner has one address', async () => {
    const key = await network({ cidr: '10.0.0.0/16' })
    const owners = Array.from({ length: 300 }, (_, index) => `nic/${index % 200}`)
    const got = await Promise.all(owners.map((owner) => addresses.allocate(database.queries, { networkKey: key, owner })))
    const byOwner = new Map(owners.map((owner, index) => [owner, got[index]]))
    expect(got).toEqual(owners.map((owner) => byOwner.get(owner)))
    expect(new Set(got).size).toBe(200)
    const lowest = Array.from({ length: 200 }, (_, index) => `10.0.0.${index + 1}`)
    expect(await inUse(key)).toEqual(lowest)
  })
})

function byNumber(all: readonly string[]): string[] {
  return all.toSorted((a, b) => Number(parseIp(a, 'ip').value - parseIp(b, 'ip').value))
}

/** Until a connection, or so many, wait for a lock. */
async function somebodyWaits(queries: Queries, atLeast = 1): Promise<void> {
  for (let waiting = 0; waiting < atLeast;) {
    const { rows } = await sql<{ count: number }>`select count(*) as count from pg_locks as held
      join pg_database as here on here.oid = held.database or held.database is null
      where not held.granted and here.datname = current_database()`.execute(queries)
    waiting = rows[0]!.count
  }
}
