import { createVirtualClock } from '@virtkit/driver-simulated'
import { VirtkitError } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { type TestWorker, closeWorkers, openWorker, submit } from '../../test/operation-lab.ts'
import type { Database, Queries } from '../database/database.ts'
import { type OperationOf, defineOperation } from './operation-definition.ts'

type Transaction = Database['transaction']

/** From now on, what happens to the transactions of a process, counted from 0, is decided here. */
function meddle(
  worker: TestWorker,
  how: (nth: number, transaction: () => ReturnType<Transaction>) => unknown,
): () => number {
  const { database } = worker.open
  const real: Transaction = database.transaction.bind(database)
  let count = 0
  database.transaction = ((work: (queries: Queries) => Promise<unknown>) => {
    const nth = count
    count += 1
    return how(nth, () => real(work))
  }) as Transaction
  return () => count
}

function answerLost(): VirtkitError {
  const details = { engine: 'postgres', reason: 'unreachable' } as const
  return new VirtkitError('DATABASE_UNAVAILABLE', 'Gone.', { details, outcome: 'unknown' })
}

/** Three steps; each leaves a row that can be there once, and each would leave another when it is undone. */
function threeSteps(fails = false): { definition: OperationOf<object>; undone: string[] } {
  const undone: string[] = []
  const leave = (name: string) => async (queries: Queries) => {
    await queries.insertInto('settings').values({ name, value: '1' }).execute()
  }
  const step = (name: string) => ({
    percent: 30,
    run: async () => {
      if (fails && name === 'three') throw new VirtkitError('HYPERVISOR_REFUSED', 'No.', { details: { reason: 'no' } })
      return { output: { name }, commit: leave(name) }
    },
    undo: async () => {
      undone.push(name)
      return { commit: leave(`undid ${name}`) }
    },
  })
  const definition = defineOperation<object>('three')
    .step('one', step('one'))
    .step('two', step('two'))
    .step('three', step('three'))
    .ending((queries, { state }) => leave(`ended ${state}`)(queries))
  return { definition, undone }
}

const rows = async (worker: TestWorker): Promise<string[]> =>
  (await worker.open.database.queries.selectFrom('settings').select('name').orderBy('name').execute()).map(
    (row) => row.name,
  )

eachDatabase((db) => {
  afterEach(closeWorkers)

  describe.each([
    ['goes well', false, ['ended succeeded', 'one', 'three', 'two']],
    ['is undone', true, ['ended failed', 'one', 'two', 'undid one', 'undid three', 'undid two']],
  ])('an operation that %s', (_, fails, left) => {
    it.each([
      ['it was carried out, and the answer got lost', true],
      ['it was not carried out', false],
    ])('does so exactly once, whichever of its transactions breaks, when %s', async (__, carriedOut) => {
      // Without trouble first: so many transactions there are.
      let transactions = 8
      for (let broken = -1; broken < transactions; broken += 1) {
        const { definition, undone } = threeSteps(fails)
        const one = await openWorker(
          await db.options(`broken ${broken}`),
          [definition],
          { pollMs: 1000 },
          createVirtualClock(),
        )
        const { id } = await submit(one, definition, {})
        const count = meddle(one, async (nth, transaction) => {
          if (nth !== broken) return transaction()
          if (carriedOut) await transaction()
          throw answerLost()
        })
        one.operations.start()
        const ended = await one.operations.wait(id)
        expect([broken, ended.state, ended.error?.code]).toEqual(
          fails ? [broken, 'failed', 'HYPERVISOR_REFUSED'] : [broken, 'succeeded', undefined],
        )
        expect(await rows(one)).toEqual(left)
        if (!fails) expect(undone).toEqual([])
        if (broken === -1) transactions = count()
        else expect(one.errors.map((error) => error.code)).toEqual(['DATABASE_UNAVAILABLE'])
        await closeWorkers()
      }
      expect(transactions).toBeGreaterThanOrEqual(4)
    })
  })

  it('an outage that lasts longer than all retries undoes nothing', async () => {
    const { definition, undone } = threeSteps()
    const clock = createVirtualClock()
    const one = await openWorker(await db.options(), [definition], { pollMs: 1000 }, clock)
    const { id } = await submit(one, definition, {})
    const until = clock.now() + 300_000
    meddle(one, (nth, transaction) => {
      if (nth > 0 && clock.now() < until) throw answerLost()
      return transaction()
    })
    one.operations.start()
    expect((await one.operations.wait(id)).state).toBe('succeeded')
    expect(clock.now()).toBeGreaterThan(until)
    expect(undone).toEqual([])
    expect(await rows(one)).toEqual(['ended succeeded', 'one', 'three', 'two'])
  })

  it('a step whose record breaks again and again, more often than it may be tried, is not undone', async () => {
    const { definition, undone } = threeSteps()
    const one = await openWorker(await db.options(), [definition], { pollMs: 1000 }, createVirtualClock())
    const { id } = await submit(one, definition, {})
    // A claim, a record that breaks, a letting go, and again.
    meddle(one, (nth, transaction) => {
      if (nth < 60 && nth % 3 === 1) throw answerLost()
      return transaction()
    })
    one.operations.start()
    expect((await one.operations.wait(id)).state).toBe('succeeded')
    expect(one.errors.length).toBeGreaterThanOrEqual(15)
    expect(undone).toEqual([])
  })

  it('an error of the commit itself is a reason to undo, an error that nobody knows at its end is not', async () => {
    let thrown = 0
    const { definition, undone } = threeSteps()
    const one = await openWorker(await db.options(), [definition], {}, createVirtualClock())
    const { id } = await submit(one, definition, {})
    const { database } = one.open
    const real: Transaction = database.transaction.bind(database)
    database.transaction = (async (work: (queries: Queries) => Promise<unknown>) => {
      const result = await real(work)
      thrown += 1
      // No code, no known text: something between us and the database.
      if (thrown === 2) throw new Error('it went away')
      return result
    }) as Transaction
    one.operations.start()
    expect((await one.operations.wait(id)).state).toBe('succeeded')
    expect(undone).toEqual([])

    const clashing = defineOperation<object>('clashing').step('clash', {
      percent: 100,
      run: async () => ({
        output: {},
        commit: async (queries) => {
          await queries.insertInto('settings').values({ name: 'one', value: '1' }).execute()
        },
      }),
    })
    one.operations.register(clashing)
    const second = await submit(one, clashing, {})
    expect((await one.operations.wait(second.id)).state).toBe('failed')
  })

  it('an ending that never works does not keep the operation from ending', async () => {
    const doomed = defineOperation<object>('doomed')
      .step('fail', {
        percent: 100,
        run: async () => {
          throw new VirtkitError('HYPERVISOR_REFUSED', 'No.', { details: { reason: 'no' } })
        },
      })
      .ending(async () => {
        throw new TypeError('a mistake')
      })
    const one = await openWorker(await db.options(), [doomed], { pollMs: 1000 }, createVirtualClock())
    one.operations.start()
    const { id } = await submit(one, doomed, {})
    expect(await one.operations.wait(id)).toMatchObject({ state: 'failed', error: { code: 'HYPERVISOR_REFUSED' } })
    const told = (await one.events.list({})).map(({ type, data }) => [type, data['step']])
    expect(told).toContainEqual(['operation.left-behind', 'ending'])
  })

  if (db.engine === 'postgres') {
    it('connections that are ended in the middle of a step, of a commit or of a claim cost nothing but time', async () => {
      const location = await db.options()
      const end = (queries: Queries, whose: 'all' | 'own') =>
        whose === 'own'
          ? sql`select pg_terminate_backend(pg_backend_pid())`.execute(queries)
          : sql`select pg_terminate_backend(pid) from pg_stat_activity
              where application_name = 'virtkit' and datname = current_database() and pid <> pg_backend_pid()`.execute(
              queries,
            )
      const killer = await openWorker(location, [])
      const first = new Set<string>()
      const once = async (name: string, work: () => Promise<unknown>): Promise<void> => {
        if (first.has(name)) return
        first.add(name)
        await work()
      }
      const undone: string[] = []
      const step = (name: string) => ({
        percent: 50,
        run: async ({ operationId }: { operationId: string }) => {
          await once(`${operationId} ${name} run`, () => end(killer.open.database.queries, 'all'))
          await killer.open.database.queries.selectFrom('settings').select('name').execute()
          return {
            output: {},
            commit: async (queries: Queries) => {
              await queries
                .insertInto('settings')
                .values({ name: `${operationId} ${name}`, value: '1' })
                .execute()
              await once(`${operationId} ${name} commit`, () => end(queries, 'own'))
            },
          }
        },
        undo: async () => {
          undone.push(name)
        },
      })
      const definition = defineOperation<object>('unlucky').step('one', step('one')).step('two', step('two'))
      const one = await openWorker(location, [definition], { leaseMs: 1000 })
      const ids: string[] = []
      for (let nth = 0; nth < 8; nth += 1) ids.push((await submit(one, definition, {})).id)
      one.operations.start()
      const states = (): Promise<string[]> => one.operations.list().then((all) => all.map((each) => each.state))
      await expect.poll(() => states().catch(() => []), { timeout: 30_000 }).toEqual(ids.map(() => 'succeeded'))
      expect(await rows(one)).toEqual(ids.flatMap((id) => [`${id} one`, `${id} two`]).toSorted())
      expect(undone).toEqual([])
      expect(new Set(one.errors.map((error) => error.code))).toEqual(new Set(['DATABASE_UNAVAILABLE']))
    })
  } else {
    it('a file that others lock for longer than we wait costs nothing but time', async () => {
      const location = await db.options()
      const { definition, undone } = threeSteps()
      const one = await openWorker(location, [definition], { leaseMs: 1000 })
      const other = await openWorker(location, [])
      const { id } = await submit(one, definition, {})
      const locked = other.open.database.transaction(async (queries) => {
        await queries.insertInto('settings').values({ name: 'locked', value: '1' }).execute()
        one.operations.start()
        await expect.poll(() => one.errors.length, { timeout: 40_000 }).toBeGreaterThanOrEqual(1)
      })
      await locked
      expect((await one.operations.wait(id)).state).toBe('succeeded')
      expect(one.errors[0]).toMatchObject({ code: 'DATABASE_UNAVAILABLE', details: { reason: 'locked' } })
      expect(undone).toEqual([])
      expect(await rows(one)).toEqual(['ended succeeded', 'locked', 'one', 'three', 'two'])
    })
  }
})
