import fc from 'fast-check'
import { type Clock, isVirtkitError, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { RoleAccess } from '../access/role-access.ts'
import { openDatabase } from '../database/open-database.ts'
import { add, blockingDimensions, negate, nothing, subtract } from './contingent-rules.ts'
import type { Amount } from './contingents.ts'
import { SqlContingents } from './sql-contingents.ts'

eachDatabase((db) => {
  it('any order of changes is answered as by counting machines and promises, and leaves no drift', async () => {
    const { database, ...open } = await openDatabase(await db.options())
    const events = { append: async () => {}, on: () => () => {}, list: async () => [] }
    let now = 0
    const clock: Clock = { ...systemClock, now: () => now }
    const contingents = new SqlContingents(database, new RoleAccess(), events, clock)
    const { queries } = database
    await queries
      .insertInto('userGroups')
      .values(groups.map((key) => ({ key, name: `group ${key}`, createdAt: 0 })))
      .execute()
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

    /** Machine and charge come and go together, as in the machines room. */
    const put = (name: string, group: number, amount: Amount, before: Amount, settles?: string): Promise<void> =>
      database.transaction(async (inside) => {
        const change = subtract(amount, before)
        if (settles === undefined) await contingents.charge(inside, group, change)
        else await contingents.settle(inside, settles, group, change)
        await inside.deleteFrom('machines').where('name', '=', name).execute()
        if (amount.vm === 0) return
        const fixed = { clusterKey: 1, os: 'debian-13', datastore: 'auto', provisioning: 'thin', firmware: 'uefi' } as const
        const hardware = { cpus: amount.cpu, memoryMiB: amount.memory, diskMiB: amount.disk }
        const row = {
          ...fixed,
          ...hardware,
          name,
          ownerKey: group,
          mark: name,
          state: 'planned',
          createdAt: 0,
          version: 1,
        } as const
        await inside.insertInto('machines').values(row).execute()
      })

    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
          for (const table of ['machines', 'contingentReservations', 'contingents'] as const)
            await queries.deleteFrom(table).execute()
          now = 0
          const model = new Model()
          for (const { what, group, name, amount, wait } of steps) {
            now += wait
            const owner = `operation/${name}`
            const machine = model.machines.get(name) ?? { group, amount: nothing }
            const here = machine.group
            const target = { ...amount, vm: 1 }
            const answers = await answerOf(async () => {
              if (what === 'set') await contingents.set(group, amount)
              if (what === 'unlimit') {
                const found = await contingents.ofGroup(group)
                if (found) await contingents.remove(found.key)
              }
              if (what === 'put') await put(name, here, target, machine.amount)
              if (what === 'delete') await put(name, here, nothing, machine.amount)
              if (what === 'settle') await put(name, here, target, machine.amount, owner)
              if (what === 'reserve') {
                const reservation = { groupKey: group, owner, amount, expiresAt: now + 5 }
                await database.transaction((inside) => contingents.reserve(inside, reservation))
              }
              if (what === 'release') await database.transaction((inside) => contingents.release(inside, owner))
              if (what === 'sweep') await database.transaction((inside) => contingents.sweep(inside))
            })
            expect(answers).toBe(model.answer({ what, group, here, name, owner, amount, target, now }))
          }
          expect(await contingents.verify()).toEqual([])
          for (const contingent of await contingents.list()) expect(contingent.used).toEqual(model.used(contingent.group))
        }),
        { numRuns: db.engine === 'sqlite' ? 50 : 15, seed: 20_241_124 },
      )
    } finally {
      await open[Symbol.asyncDispose]()
    }
  })
})

const groups = [1, 2]
const small = fc.nat(6)
const step = fc.record({
  what: fc.constantFrom(
    'set',
    'set',
    'unlimit',
    'put',
    'put',
    'put',
    'delete',
    'settle',
    'reserve',
    'reserve',
    'release',
    'sweep',
  ),
  group: fc.constantFrom(...groups),
  name: fc.constantFrom('a', 'b', 'c'),
  amount: fc.record({ vm: small, cpu: small, memory: small, disk: small }, { noNullPrototype: true }),
  wait: fc.nat(3),
})

interface Step {
  readonly what: string
  readonly group: number
  readonly here: number
  readonly name: string
  readonly owner: string
  readonly amount: Amount
  readonly target: Amount
  readonly now: number
}

/** Says the same by counting, without a database. */
class Model {
  readonly machines = new Map<string, { group: number; amount: Amount }>()
  #limits = new Map<number, Amount>()
  #promises = new Map<string, { group: number; amount: Amount; expiresAt: number }>()

  used(group: number): Amount {
    return [...this.machines.values()]
      .filter((each) => each.group === group)
      .reduce((sum, { amount }) => add(sum, amount), nothing)
  }

  answer({ what, group, here, name, owner, amount, target, now }: Step): 'done' | 'refused' {
    const machine = this.machines.get(name)?.amount ?? nothing
    if (what === 'set') this.#limits.set(group, amount)
    if (what === 'unlimit') this.#limits.delete(group)
    if (what === 'release' || what === 'settle') this.#promises.delete(owner)
    if (what === 'sweep') this.#sweep(now)
    if (what === 'put' && !this.#fits(here, subtract(target, machine), now)) return 'refused'
    if (what === 'delete' && !this.#fits(here, negate(machine), now)) return 'refused'
    if (what === 'delete') this.machines.delete(name)
    if (what === 'put' || what === 'settle') this.machines.set(name, { group: here, amount: target })
    if (what === 'reserve') {
      const held = this.#promises.get(owner)
      const before = held?.group === group ? held.amount : nothing
      if (!this.#fits(group, subtract(amount, before), now, owner)) return 'refused'
      this.#promises.set(owner, { group, amount, expiresAt: now + 5 })
    }
    return 'done'
  }

  /** A refusal takes back what it swept, with the rest of its transaction. */
  #fits(group: number, asked: Amount, now: number, keep?: string): boolean {
    const limits = this.#limits.get(group)
    if (!limits) return true
    const fits = (): boolean => {
      const all = [...this.#promises.values()].filter((each) => each.group === group)
      const reserved = all.reduce((sum, each) => add(sum, each.amount), nothing)
      return blockingDimensions({ limits, used: this.used(group), reserved }, asked).length === 0
    }
    if (fits()) return true
    const before = new Map(this.#promises)
    this.#sweep(now, group, keep)
    if (fits()) return true
    this.#promises = before
    return false
  }

  #sweep(now: number, group?: number, keep?: string): void {
    for (const [owner, each] of this.#promises) {
      if (each.expiresAt < now && owner !== keep && (group ?? each.group) === each.group) this.#promises.delete(owner)
    }
  }
}

async function answerOf(work: () => Promise<void>): Promise<'done' | 'refused'> {
  try {
    await work()
    return 'done'
  } catch (error) {
    if (isVirtkitError(error, 'CONTINGENT_EXCEEDED')) return 'refused'
    throw error
  }
}
