import { type VirtualClock, createVirtualClock } from '@virtkit/driver-simulated'
import type { Clock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, describe, expect, it } from 'vitest'
import { type TestWorker, closeWorkers, deferred, openWorker, submit } from '../../test/operation-lab.ts'
import { type OperationOf, defineOperation } from './operation-definition.ts'

const second = 1000
const hour = 3600 * second
const day = 24 * hour

/** The clock of one process: its time moves by hand, it can be set, and setting it moves nobody's sleep. */
function wallClock(): Clock & { set(byMs: number): void; stop(forMs: number): void; advance: VirtualClock['advance'] } {
  const steady = createVirtualClock({ auto: false })
  let offset = 0
  let stopped = 0
  return {
    now: () => steady.now() + stopped + offset,
    steady: () => steady.now() + stopped,
    sleep: (ms, signal) => steady.sleep(ms, signal),
    during: (work) => steady.during(work),
    advance: (ms) => steady.advance(ms),
    set: (byMs) => {
      offset += byMs
    },
    /** As after SIGSTOP: time has passed, and what slept comes after what happens first. */
    stop: (forMs) => {
      stopped += forMs
    },
  }
}
type WallClock = ReturnType<typeof wallClock>

/** Time passes in both, second by second. */
async function pass(seconds: number, ...clocks: readonly WallClock[]): Promise<void> {
  for (let nth = 0; nth < seconds; nth += 1) for (const clock of clocks) await clock.advance(second)
}

// What a kit has unless it is told otherwise.
const usual = { pollMs: 1000, leaseMs: 8000 }

eachDatabase((db) => {
  let release = deferred()
  afterEach(async () => {
    release.resolve()
    await closeWorkers()
  })

  /** Two processes with clocks of their own; the first is in the middle of a step that ends when it is told. */
  async function two() {
    const location = await db.options()
    const runs: string[] = []
    const begun = deferred()
    release = deferred()
    const define = (name: string): OperationOf<object> =>
      defineOperation<object>('held').step('hold', {
        percent: 100,
        run: async () => {
          runs.push(name)
          if (name === 'a') {
            begun.resolve()
            await release.promise
          }
          return {
            output: {},
            commit: async (queries) => {
              await queries
                .insertInto('settings')
                .values({ name: `by ${name}`, value: '1' })
                .execute()
            },
          }
        },
      })
    const clocks = { a: wallClock(), b: wallClock() }
    const a = await openWorker(location, [define('a')], usual, clocks.a)
    a.operations.start()
    const { id } = await submit(a, define('a'), {})
    await begun.promise
    const b = await openWorker(location, [define('b')], usual, clocks.b)
    b.operations.start()
    return { a, b, clocks, runs, operation: () => b.operations.get(id) }
  }

  /** What steps have committed. */
  const commits = async (worker: TestWorker): Promise<string[]> =>
    (await worker.open.database.queries.selectFrom('settings').select('name').execute()).map((row) => row.name)

  it('within ten seconds another process has taken over from one that fell silent, and not before its lease was over', async () => {
    const { b, clocks, runs, operation } = await two()
    // It lives, and says so for the last time at the end.
    await pass(21, clocks.a, clocks.b)
    await pass(7, clocks.b)
    expect(runs).toEqual(['a'])
    await pass(3, clocks.b)
    expect(runs).toEqual(['a', 'b'])
    expect(await operation()).toMatchObject({ state: 'succeeded' })
    expect(await commits(b)).toEqual(['by b'])
  })

  it('a process that stood still and was taken over writes nothing when it goes on', async () => {
    const { a, b, clocks, runs } = await two()
    const row = () => b.open.database.queries.selectFrom('operations').selectAll().executeTakeFirstOrThrow()
    await pass(10, clocks.b)
    const before = await row()
    release.resolve()
    await clocks.a.advance(1)
    await a.operations[Symbol.asyncDispose]()
    expect(runs).toEqual(['a', 'b'])
    expect(await row()).toEqual(before)
    expect(await commits(b)).toEqual(['by b'])
    expect(a.errors).toEqual([])
  })

  it('a process that stood still for a lease begins nothing any more, before any timer could tell it', async () => {
    const clock = wallClock()
    const begun = deferred()
    release = deferred()
    let mayCall = (): boolean => false
    const held = defineOperation<object>('held').step('hold', {
      percent: 100,
      run: async ({ call }) => {
        mayCall = () => !{ ...call }.signal.aborted
        begun.resolve()
        await release.promise
        return { output: {} }
      },
    })
    const one = await openWorker(await db.options(), [held], usual, clock)
    await submit(one, held, {})
    one.operations.start()
    await begun.promise
    clock.stop(7 * second)
    expect(mayCall()).toBe(true)
    clock.stop(1 * second)
    expect(mayCall()).toBe(false)
  })

  describe.each([
    ['hours ahead', 5 * hour],
    ['a day behind', -day],
  ])('a clock that is %s', (_, offset) => {
    it('does not make its process take what another works on, however long', async () => {
      const { b, clocks, runs, operation } = await two()
      clocks.b.set(offset)
      await pass(60, clocks.a, clocks.b)
      release.resolve()
      await pass(1, clocks.a, clocks.b)
      expect(runs).toEqual(['a'])
      expect(await operation()).toMatchObject({ state: 'succeeded' })
      expect(await commits(b)).toEqual(['by a'])
    })

    it('and jumps there in the middle of a step costs its process nothing', async () => {
      const { b, clocks, runs } = await two()
      await pass(5, clocks.a, clocks.b)
      clocks.a.set(offset)
      await pass(60, clocks.a, clocks.b)
      release.resolve()
      await pass(1, clocks.a, clocks.b)
      expect(runs).toEqual(['a'])
      expect(await commits(b)).toEqual(['by a'])
    })

    it('is no reason to wait longer for a process that is dead', async () => {
      const { clocks, runs } = await two()
      clocks.b.set(offset)
      await pass(10, clocks.b)
      expect(runs).toEqual(['a', 'b'])
    })
  })

  /** One process whose operation waits for ten minutes each time that it looks. */
  async function patient() {
    const clock = wallClock()
    let looks = 0
    const definition = defineOperation<object>('patient').step('wait', {
      percent: 100,
      run: async () => {
        looks += 1
        return { waitMs: 600 * second, waitFor: 'a sign' }
      },
    })
    const one = await openWorker(await db.options(), [definition], usual, clock)
    one.operations.start()
    return { one, clock, definition, looks: () => looks }
  }

  it('what was let go of while the clock was a day ahead waits ten minutes after it was put right, not a day', async () => {
    const { one, clock, definition, looks } = await patient()
    clock.set(day)
    await submit(one, definition, {})
    await clock.advance(second)
    expect(looks()).toBe(1)
    clock.set(-day)
    await clock.advance(600 * second)
    expect(looks()).toBe(1)
    await clock.advance(40 * second)
    expect(looks()).toBe(2)
  })

  it('what was accepted while the clock was a day ahead begins within a minute', async () => {
    const { one, clock, definition, looks } = await patient()
    await one.operations[Symbol.asyncDispose]()
    const other = await openWorker(await db.options(), [definition], usual, clock)
    clock.set(day)
    const { id } = await submit(one, definition, {})
    clock.set(-day)
    other.operations.start()
    await clock.advance(60 * second)
    expect(looks()).toBe(1)
    // Nor does who wakes it write down that it is due tomorrow.
    await one.open.database.transaction((queries) => one.operations.wake(queries, id))
    await clock.advance(2 * second)
    expect(looks()).toBe(2)
  })

  it('a clock that jumps ahead has it look early, and wait again', async () => {
    const { one, clock, definition, looks } = await patient()
    await submit(one, definition, {})
    await clock.advance(second)
    clock.set(day)
    await clock.advance(60 * second)
    expect(looks()).toBe(2)
  })

  it('a claim whose answer was lost is in nobody’s hands, and taken up after a lease, also by the same process', async () => {
    const { a, clocks, runs } = await two()
    const queries = a.open.database.queries
    const { leaseOwner } = await queries.selectFrom('operations').select('leaseOwner').executeTakeFirstOrThrow()
    const held = defineOperation<object>('held').step('hold', { percent: 100, run: async () => ({ output: {} }) })
    await a.open.database.transaction(async (inner) => {
      const { id } = await a.operations.submit(inner, held, { input: {}, subject: 'machine/lost' })
      await inner.updateTable('operations').set({ leaseOwner }).where('id', '=', id).execute()
    })
    await pass(7, clocks.a)
    expect(runs).toEqual(['a'])
    await pass(3, clocks.a)
    expect(runs).toEqual(['a', 'a'])
  })

  it('a process that cannot say for a lease that it lives ends its steps, before another begins them', async () => {
    const clock = wallClock()
    const ended: boolean[] = []
    const hanging = defineOperation<object>('hanging').step('hang', {
      percent: 100,
      run: ({ call }) =>
        new Promise<never>((_, reject) =>
          call.signal.addEventListener('abort', () => {
            ended.push(true)
            reject(call.signal.reason)
          }),
        ),
    })
    const one = await openWorker(await db.options(), [hanging], usual, clock)
    await submit(one, hanging, {})
    one.operations.start()
    await clock.advance(4 * second)
    await one.open[Symbol.asyncDispose]()
    await clock.advance(5 * second)
    expect(ended).toEqual([])
    await clock.advance(5 * second)
    expect(ended).toEqual([true])
  })
})
