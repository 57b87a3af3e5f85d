import { VirtkitError } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { randomUUID } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { type TestWorker, closeWorkers, deferred, openWorker, submit } from '../../test/operation-lab.ts'
import { type OperationOf, defineOperation } from './operation-definition.ts'

interface Input {
  readonly cluster: number
  readonly group: number
}

const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** An operation that counts how many of its kind are at work on each cluster, and who began. */
function counted(atWork: () => Promise<void> = turnOfLoop) {
  const running = new Map<number, number>()
  const most = new Map<number, number>()
  const starts: number[] = []
  const definition = defineOperation<Input>('counted').step('work', {
    percent: 100,
    run: async ({ input: { cluster, group } }) => {
      starts.push(group)
      const now = (running.get(cluster) ?? 0) + 1
      running.set(cluster, now)
      most.set(cluster, Math.max(most.get(cluster) ?? 0, now))
      await atWork()
      running.set(cluster, running.get(cluster)! - 1)
      return { output: {} }
    },
  })
  return { definition, most, starts, runningOn: (cluster: number) => running.get(cluster) ?? 0 }
}

/** Accepts many in one transaction; answers their ids. */
function queue(worker: TestWorker, definition: OperationOf<Input>, wishes: readonly (Input & { count: number })[]) {
  return worker.open.database.transaction(async (queries) => {
    const ids: string[] = []
    for (const { count, ...input } of wishes) {
      for (let nth = 0; nth < count; nth += 1) {
        const request = { ...input, input, subject: `machine/${randomUUID()}` }
        ids.push((await worker.operations.submit(queries, definition, request)).id)
      }
    }
    return ids
  })
}

/** Jain's index: 1 when all have got the same, 1/n when one has got everything. */
function fairness(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0)
  return sum ** 2 / (shares.length * shares.reduce((total, share) => total + share ** 2, 0))
}

eachDatabase((db) => {
  afterEach(closeWorkers)

  it('three processes together never work on more of a cluster than its limit, and on as many when there is work', async () => {
    const location = await db.options()
    const full = deferred()
    const work = counted(async () => {
      if (work.runningOn(1) === 5 && work.runningOn(2) === 2) full.resolve()
      await full.promise
      for (let turn = 0; turn < 3; turn += 1) await turnOfLoop()
    })
    const perCluster = (cluster: number): number => (cluster === 1 ? 5 : 2)
    const open = () => openWorker(location, [work.definition], { perCluster })
    const workers = [await open(), await open(), await open()]
    const ids = await queue(workers[0]!, work.definition, [
      { cluster: 1, group: 1, count: 45 },
      { cluster: 2, group: 1, count: 15 },
    ])
    for (const { operations } of workers) operations.start()
    const ended = await Promise.all(ids.map((id) => workers[0]!.operations.wait(id)))
    expect(new Set(ended.map((each) => each.state))).toEqual(new Set(['succeeded']))
    expect([...work.most].toSorted()).toEqual([
      [1, 5],
      [2, 2],
    ])
    expect(work.starts).toHaveLength(60)
  })

  it('three processes together never work on more of a group than its limit, on whichever clusters', async () => {
    const location = await db.options()
    const full = deferred()
    const running = new Set<number>()
    let most = 0
    const work = defineOperation<Input & { nth: number }>('counted').step('work', {
      percent: 100,
      run: async ({ input: { nth } }) => {
        running.add(nth)
        most = Math.max(most, running.size)
        if (running.size === 3) full.resolve()
        await full.promise
        for (let turn = 0; turn < 3; turn += 1) await turnOfLoop()
        running.delete(nth)
        return { output: {} }
      },
    })
    const open = () => openWorker(location, [work], { perGroup: 3 })
    const workers = [await open(), await open(), await open()]
    const ids = await workers[0]!.open.database.transaction(async (queries) => {
      const requests = Array.from({ length: 30 }, (_, nth) => ({ cluster: nth % 5, group: 1, nth }))
      const accepted: string[] = []
      for (const { cluster, group, nth } of requests) {
        const request = { cluster, group, input: { cluster, group, nth }, subject: `machine/${nth}` }
        accepted.push((await workers[0]!.operations.submit(queries, work, request)).id)
      }
      return accepted
    })
    for (const { operations } of workers) operations.start()
    const ended = await Promise.all(ids.map((id) => workers[0]!.operations.wait(id)))
    expect(new Set(ended.map((each) => each.state))).toEqual(new Set(['succeeded']))
    expect(most).toBe(3)
  })

  it('an operation that waits holds no place', async () => {
    const order: string[] = []
    const patient = defineOperation<{ name: string }>('patient').step('wait', {
      percent: 100,
      run: async ({ input }) => {
        order.push(input.name)
        return input.name === 'waits' ? { waitMs: 3_600_000, waitFor: 'a sign' } : { output: {} }
      },
    })
    const one = await openWorker(await db.options(), [patient], { perCluster: 1 })
    await submit(one, patient, { name: 'waits' }, { cluster: 1 })
    const { id } = await submit(one, patient, { name: 'goes' }, { cluster: 1 })
    one.operations.start()
    expect((await one.operations.wait(id)).state).toBe('succeeded')
    expect(order).toEqual(['waits', 'goes'])
  })

  it('five of one group do not wait for five hundred of another', async () => {
    const work = counted()
    const one = await openWorker(await db.options(), [work.definition], { perCluster: 1 })
    await queue(one, work.definition, [{ cluster: 1, group: 1, count: 500 }])
    const ids = await queue(one, work.definition, [{ cluster: 1, group: 2, count: 5 }])
    one.operations.start()
    await Promise.all(ids.map((id) => one.operations.wait(id)))
    expect(work.starts.slice(0, 10)).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 1, 2])
  })

  it('ten groups that queued ten times as much as others, or a tenth, are served alike', async () => {
    const location = await db.options()
    const enough = deferred()
    const work = counted(async () => {
      if (work.starts.length >= 100) enough.resolve()
      await turnOfLoop()
    })
    const one = await openWorker(location, [work.definition], { perCluster: 4 })
    const other = await openWorker(location, [work.definition], { perCluster: 4 })
    const groups = Array.from({ length: 10 }, (_, index) => index + 1)
    // The greediest first; the most modest has as many as its share.
    const wishes = groups.toReversed().map((group) => ({ cluster: 1, group, count: group * 10 }))
    await queue(one, work.definition, wishes)
    for (const { operations } of [one, other]) operations.start()
    await enough.promise
    const shares = groups.map((group) => work.starts.slice(0, 100).filter((each) => each === group).length)
    expect(fairness(shares)).toBeGreaterThanOrEqual(0.95)
  })

  it('what is cancelled goes before what its group has queued', async () => {
    const begun = deferred()
    const held = deferred()
    const endings: string[] = []
    const slow = counted(async () => {
      begun.resolve()
      await held.promise
    }).definition.ending(async (_, { state }) => {
      endings.push(state)
    })
    const one = await openWorker(await db.options(), [slow], { perCluster: 1 })
    const ids = await queue(one, slow, [{ cluster: 1, group: 1, count: 5 }])
    one.operations.start()
    await begun.promise
    await one.operations.cancel(ids.at(-1)!)
    held.resolve()
    await Promise.all(ids.map((id) => one.operations.wait(id)))
    expect(endings).toEqual(['succeeded', 'cancelled', 'succeeded', 'succeeded', 'succeeded'])
  })

  it('a kind that a process does not know is left to those who know it', async () => {
    const location = await db.options()
    const work = counted()
    const ignorant = await openWorker(location, [
      defineOperation('other').step('x', { percent: 1, run: async () => ({ output: {} }) }),
    ])
    const knowing = await openWorker(location, [work.definition])
    const [id] = await queue(knowing, work.definition, [{ cluster: 1, group: 1, count: 1 }])
    ignorant.operations.start()
    const known = await submit(ignorant, defineOperation<object>('other'), {})
    await ignorant.operations.wait(known.id)
    expect(await ignorant.operations.get(id!)).toMatchObject({ state: 'pending' })
    knowing.operations.start()
    expect((await knowing.operations.wait(id!)).state).toBe('succeeded')
  })

  it.each([
    ['goes on', false],
    ['is undone', true],
  ])('a step that a process does not know is left to those who know it, when the operation %s', async (_, fails) => {
    const location = await db.options()
    const done: string[] = []
    const older = defineOperation('changed').step('first', {
      percent: 1,
      run: async () => ({ output: {} }),
      undo: async () => void done.push('first undone'),
    })
    const isFirstLook = deferred()
    const newer = older.step('second', {
      percent: 99,
      run: async ({ attempt }) => {
        if (attempt === 1 && done.length === 0) {
          done.push('second begun')
          isFirstLook.resolve()
          return { waitMs: 1, waitFor: 'a sign' }
        }
        if (fails) throw new VirtkitError('HYPERVISOR_REFUSED', 'No.', { details: { reason: 'test' } })
        done.push('second')
        return { output: {} }
      },
      undo: async () => void done.push('second undone'),
    })
    const knowing = await openWorker(location, [newer])
    const { id } = await submit(knowing, newer, {})
    knowing.operations.start()
    await isFirstLook.promise
    await knowing.operations[Symbol.asyncDispose]()
    const ignorant = await openWorker(location, [older])
    ignorant.operations.start()
    await expect.poll(async () => (await ignorant.operations.get(id)).text).toMatch(/the version that began it/)
    const other = await openWorker(location, [newer])
    other.operations.start()
    expect((await other.operations.wait(id)).state).toBe(fails ? 'failed' : 'succeeded')
    expect(done).toEqual(['second begun', ...(fails ? ['second undone', 'first undone'] : ['second'])])
  })

  it('a process that is told not to work accepts operations and leaves them to others', async () => {
    const location = await db.options()
    const by: string[] = []
    const define = (name: string) =>
      defineOperation<object>('work').step('work', {
        percent: 100,
        run: async () => {
          by.push(name)
          return { output: {} }
        },
      })
    const idle = await openWorker(location, [define('idle')], { work: false })
    idle.operations.start()
    const { id } = await submit(idle, define('idle'), {})
    const busy = await openWorker(location, [define('busy')])
    busy.operations.start()
    expect((await idle.operations.wait(id)).state).toBe('succeeded')
    expect(by).toEqual(['busy'])
  })

  it('turns of long ago are forgotten, but not of who still waits', async () => {
    const location = await db.options()
    const work = counted()
    const other = defineOperation<Input>('of another version').step('work', {
      percent: 100,
      run: async () => ({ output: {} }),
    })
    const worker = await openWorker(location, [work.definition])
    const stranger = await openWorker(location, [other])
    await queue(stranger, other, [{ cluster: 7, group: 7, count: 1 }])
    const { queries } = worker.open.database
    const turns = Array.from({ length: 3000 }, (_, index) => ({ queue: `9/${index}`, turn: index + 2 }))
    await queries.insertInto('operationTurns').values({ queue: '7/7', turn: 1 }).execute()
    await queries.insertInto('operationTurns').values(turns).execute()
    const [id] = await queue(worker, work.definition, [{ cluster: 1, group: 1, count: 1 }])
    worker.operations.start()
    await worker.operations.wait(id!)
    const rows = await queries.selectFrom('operationTurns').selectAll().orderBy('turn').execute()
    expect(rows.length).toBe(1002)
    expect([rows[0], rows.at(-1)]).toEqual([
      { queue: '7/7', turn: 1 },
      { queue: '1/1', turn: 3002 },
    ])
  })
})
