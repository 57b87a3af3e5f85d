import fc from 'fast-check'
import { type Clock, formatIp, isVirtkitError, parseIp, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { addCluster, addNetwork } from '../../test/address-network.ts'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { type AddressPlan, isAllowed, isInPool, poolOf } from './address-rules.ts'
import { SqlAddresses } from './sql-addresses.ts'

eachDatabase((db) => {
  it('any order of calls is answered as by somebody who counts on their fingers, and what is free is nobody’s', async () => {
    const { database, ...open } = await openDatabase(await db.options())
    let now = 0
    const clock: Clock = { ...systemClock, now: () => now }
    const addresses = new SqlAddresses(database, clock)
    await addCluster(database)
    await addNetwork(database, plans[0]!)
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
          await startAnew(database, addresses)
          now = 0
          const model = new Model()
          for (const each of steps) {
            now += each.wait
            const answer = await answerOf(() => move(database, addresses, each, now))
            expect({ each, answer }).toEqual({ each, answer: model.answer(each, now) })
            expect(await answerOf(() => addresses.predict(database.queries, 1))).toEqual(model.predict(now))
          }
          const listed = await addresses.list(database.queries, 1)
          expect(listed.map(({ address, owner, state }) => `${address} ${owner} ${state}`)).toEqual(model.list(now))
          expect(await atOnceFreeAndTaken(database)).toEqual([])
        }),
        { numRuns: db.engine === 'sqlite' ? 150 : 40, seed: 20_261_126 },
      )
    } finally {
      await open[Symbol.asyncDispose]()
    }
  })
})

const plans: readonly AddressPlan[] = [
  { cidr: '10.0.0.0/29', gateway: '10.0.0.1' },
  { cidr: '10.0.0.0/29', reservation: '10.0.0.2-10.0.0.4' },
  { cidr: '10.0.0.0/29', excluded: ['10.0.0.1', '10.0.0.3-10.0.0.4'] },
]

const step = fc.record({
  what: fc.constantFrom('take', 'take', 'take', 'hold', 'ask', 'release', 'release', 'replan'),
  /** With a transaction of the caller's, or without. */
  inside: fc.boolean(),
  owner: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
  address: fc.nat(7).map(nth),
  plan: fc.constantFrom(...plans),
  quarantineMs: fc.constantFrom(0, 0, 4),
  wait: fc.nat(3),
})

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const holdMs = 3

async function move(database: Database, addresses: SqlAddresses, each: Step, now: number): Promise<string | undefined> {
  const { what, owner, address } = each
  const request = {
    networkKey: 1,
    owner,
    ...(what === 'ask' && { address }),
    ...(what === 'hold' && { holdUntil: now + holdMs }),
  }
  if (what === 'replan') {
    await database.transaction(async (queries) => {
      await addresses.replan(queries, 1)
      const { cidr, reservation = null, gateway = null, excluded = [] } = each.plan
      const plan = { cidr, reservation, gateway, excluded: JSON.stringify(excluded), quarantineMs: each.quarantineMs }
      await queries.updateTable('networks').set(plan).execute()
    })
    return undefined
  }
  if (what === 'release') {
    await addresses.release(database.queries, 1, owner)
    return undefined
  }
  if (!each.inside) return addresses.allocate(database.queries, request)
  return database.transaction((queries) => addresses.allocate(queries, request))
}

interface Taken {
  owner: string
  state: 'used' | 'held' | 'quarantined'
  endsAt: number
}

/** Says the same with a list of eight addresses. */
class Model {
  #plan: AddressPlan = plans[0]!
  #quarantineMs = 0
  readonly #taken = new Map<string, Taken>()

  answer({ what, owner, address, plan, quarantineMs }: Step, now: number): string | undefined {
    if (what === 'replan') {
      this.#plan = plan
      this.#quarantineMs = quarantineMs
      return undefined
    }
    const own = [...this.#taken].find(([, each]) => each.owner === owner)
    const isLive = own !== undefined && own[1].state !== 'quarantined' && own[1].endsAt >= now
    if (what === 'release') {
      // Also a hold that has ended, as long as nobody else has come by.
      if (own && own[1].state !== 'quarantined') this.#giveBack(own[0], now)
      return undefined
    }
    const asked = what === 'ask' ? address : undefined
    if (asked !== undefined && !isAllowed(poolOf(this.#plan), parseIp(asked, 'ip'))) return 'INVALID_INPUT'
    const state = what === 'hold' ? ('held' as const) : ('used' as const)
    const endsAt = what === 'hold' ? now + holdMs : Infinity
    if (own && (asked === undefined || asked === own[0])) {
      if (own[1].state !== 'used') Object.assign(own[1], { state, endsAt })
      return own[0]
    }
    if (isLive) return 'CONFLICT'
    const target = asked ?? this.#lowest(now)
    if (target === undefined) return 'ADDRESS_POOL_EXHAUSTED'
    const there = this.#taken.get(target)
    if (there && there.state !== 'quarantined' && there.endsAt >= now) return 'ADDRESS_TAKEN'
    if (own) this.#forget(own[0])
    for (const [each, { endsAt: end }] of this.#taken) if (end < now) this.#taken.delete(each)
    this.#taken.set(target, { owner, state, endsAt })
    return target
  }

  predict(now: number): string {
    return this.#lowest(now) ?? 'ADDRESS_POOL_EXHAUSTED'
  }

  list(now: number): string[] {
    const live = [...this.#taken].filter(([, { endsAt }]) => endsAt >= now)
    return live.map(([address, { owner, state }]) => `${address} ${owner} ${state}`).toSorted()
  }

  #giveBack(address: string, now: number): void {
    const taken = this.#taken.get(address)!
    if (this.#quarantineMs === 0) this.#taken.delete(address)
    else Object.assign(taken, { state: 'quarantined', endsAt: now + this.#quarantineMs })
  }

  /** The last owner of what rests has another address now. */
  #forget(address: string): void {
    const taken = this.#taken.get(address)!
    if (taken.state === 'quarantined') taken.owner = ''
    else this.#taken.delete(address)
  }

  #lowest(now: number): string | undefined {
    const pool = poolOf(this.#plan)
    return Array.from({ length: 8 }, (_, offset) => nth(offset)).find((address) => {
      const taken = this.#taken.get(address)
      return isInPool(pool, parseIp(address, 'ip')) && (taken === undefined || taken.endsAt < now)
    })
  }
}

function nth(offset: number): string {
  return formatIp({ version: 4, value: 0x0a00_0000n + BigInt(offset) })
}

async function answerOf(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work()
  } catch (error) {
    if (isVirtkitError(error) && error.code !== 'INTERNAL') return error.code
    throw error
  }
}

async function startAnew(database: Database, addresses: SqlAddresses): Promise<void> {
  await database.transaction(async (queries) => {
    await addresses.replan(queries, 1)
    await queries.deleteFrom('addresses').execute()
    const { cidr, gateway = null } = plans[0]!
    const plan = { cidr, gateway, reservation: null, excluded: '[]', quarantineMs: 0 }
    await queries.updateTable('networks').set(plan).execute()
  })
}

async function atOnceFreeAndTaken(database: Database): Promise<unknown[]> {
  return database.queries
    .selectFrom('freeAddresses')
    .innerJoin('addresses', (join) =>
      join
        .onRef('addresses.networkKey', '=', 'freeAddresses.networkKey')
        .onRef('addresses.address', '=', 'freeAddresses.address'),
    )
    .select('addresses.address')
    .execute()
}
