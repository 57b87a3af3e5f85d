import { VirtkitError } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, expect, it } from 'vitest'
import { closeWorkers, deferred, openWorker, submit } from '../../test/operation-lab.ts'
import { type OperationOf, defineOperation } from './operation-definition.ts'

eachDatabase((db) => {
  afterEach(closeWorkers)

  it('runs steps in order, hands on what they found out, and keeps their record', async () => {
    const said: string[] = []
    const greet = defineOperation<{ name: string }>('greet')
      .step('look-up', { percent: 40, run: async () => ({ output: { greeting: 'Hello' } }) })
      .step('say', {
        percent: 100,
        run: async ({ input, outputs }) => {
          said.push(`${outputs['look-up'].greeting} ${input.name}`)
          return { output: {} }
        },
      })
    const one = await openWorker(await db.options(), [greet])
    one.operations.start()
    const { id } = await submit(one, greet, { name: 'you' })
    const ended = await one.operations.wait(id)
    expect(ended).toMatchObject({ state: 'succeeded', percent: 100 })
    expect(said).toEqual(['Hello you'])
    expect((await one.operations.steps(id)).map((step) => [step.name, step.result])).toEqual([
      ['look-up', 'done'],
      ['say', 'done'],
    ])
  })

  it('undoes what was done, last first, beginning with the step that failed half-way', async () => {
    const undone: string[] = []
    const undo = (name: string) => async (): Promise<void> => {
      undone.push(name)
    }
    const doomed = defineOperation<object>('doomed')
      .step('one', { percent: 10, run: async () => ({ output: {} }), undo: undo('one') })
      .step('two', { percent: 20, run: async () => ({ output: {} }), undo: undo('two') })
      .step('three', {
        percent: 30,
        run: async () => {
          throw new VirtkitError('HYPERVISOR_REFUSED', 'No.', { details: { reason: 'no' } })
        },
        undo: undo('three'),
      })
    const one = await openWorker(await db.options(), [doomed])
    one.operations.start()
    const { id } = await submit(one, doomed, {})
    const ended = await one.operations.wait(id)
    expect(ended.state).toBe('failed')
    expect(ended.error).toMatchObject({ code: 'HYPERVISOR_REFUSED', message: 'No.' })
    expect(undone).toEqual(['three', 'two', 'one'])
  })

  it('a commit happens once, together with its step, and not at all when it throws', async () => {
    let attempts = 0
    const counting = defineOperation<object>('counting').step('count', {
      percent: 100,
      run: async () => ({
        output: {},
        commit: async (queries) => {
          attempts += 1
          await queries
            .insertInto('settings')
            .values({ name: `count-${attempts}`, value: '1' })
            .execute()
          if (attempts === 1) throw new VirtkitError('HYPERVISOR_BUSY', 'Busy.', { details: { retryAfterMs: 1 } })
        },
      }),
    })
    const one = await openWorker(await db.options(), [counting])
    one.operations.start()
    const { id } = await submit(one, counting, {})
    expect((await one.operations.wait(id)).state).toBe('succeeded')
    const rows = await one.open.database.queries.selectFrom('settings').select('name').execute()
    expect(rows).toEqual([{ name: 'count-2' }])
  })

  it('what may pass is tried again, what cannot pass is not', async () => {
    const tried = { passing: 0, final: 0 }
    const flaky = defineOperation<object>('flaky').step('try', {
      percent: 100,
      run: async () => {
        tried.passing += 1
        if (tried.passing < 3) throw new VirtkitError('HYPERVISOR_BUSY', 'Busy.', { details: { retryAfterMs: 1 } })
        return { output: {} }
      },
    })
    const broken = defineOperation<object>('broken').step('try', {
      percent: 100,
      run: async () => {
        tried.final += 1
        throw new TypeError('a mistake with hunter2 in it')
      },
    })
    const one = await openWorker(await db.options(), [flaky, broken])
    one.operations.start()
    const first = await submit(one, flaky, {})
    const second = await submit(one, broken, {})
    expect((await one.operations.wait(first.id)).state).toBe('succeeded')
    const ended = await one.operations.wait(second.id)
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'INTERNAL' } })
    expect(JSON.stringify(ended)).not.toContain('hunter2')
    expect(tried).toEqual({ passing: 3, final: 1 })
  })

  it('a waiting operation looks again as soon as it is woken, even while its step is being looked at', async () => {
    let ready = false
    const looked = deferred()
    const goOn = deferred()
    const patient = defineOperation<object>('patient').step('wait', {
      percent: 100,
      run: async () => {
        if (ready) return { output: {} }
        looked.resolve()
        await goOn.promise
        return { waitMs: 3_600_000, waitFor: 'a sign' }
      },
    })
    const one = await openWorker(await db.options(), [patient])
    one.operations.start()
    const { id } = await submit(one, patient, {})
    await looked.promise
    ready = true
    await one.open.database.transaction((queries) => one.operations.wake(queries, id))
    goOn.resolve()
    expect((await one.operations.wait(id)).state).toBe('succeeded')
  })

  it('a step that is not done by its deadline fails with TIMEOUT', async () => {
    const late = defineOperation<object>('late').step('wait', {
      percent: 100,
      deadlineAt: ({ startedAt }) => startedAt + 1000,
      run: async () => ({ waitMs: 3_600_000, waitFor: 'the guest to boot' }),
    })
    const one = await openWorker(await db.options(), [late])
    one.operations.start()
    const { id } = await submit(one, late, {})
    const ended = await one.operations.wait(id)
    expect(ended.error).toMatchObject({ code: 'TIMEOUT', details: { waitedFor: 'the guest to boot' } })
  })

  it('cancelling ends a step in its middle and undoes it; one that cannot be cancelled goes on', async () => {
    const begun = deferred()
    const undone: string[] = []
    const slow = defineOperation<object>('slow').step('hang', {
      percent: 100,
      run: ({ call }) => {
        begun.resolve()
        return new Promise<never>((_, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason)))
      },
      undo: async () => {
        undone.push('hang')
      },
    })
    const goOn = deferred()
    const firm = defineOperation<object>('firm').step('finish', {
      percent: 100,
      cancellable: false,
      run: async () => {
        await goOn.promise
        return { output: {} }
      },
    })
    const one = await openWorker(await db.options(), [slow, firm])
    one.operations.start()
    const first = await submit(one, slow, {})
    const second = await submit(one, firm, {})
    await begun.promise
    await one.operations.cancel(first.id)
    await one.operations.cancel(second.id)
    goOn.resolve()
    expect((await one.operations.wait(first.id)).state).toBe('cancelled')
    expect((await one.operations.wait(second.id)).state).toBe('succeeded')
    expect(undone).toEqual(['hang'])
  })

  it('another process takes over when one dies, and the late answer of the dead one counts for nothing', async () => {
    const location = await db.options()
    const hanging = deferred()
    const release = deferred()
    const runs: string[] = []
    const define = (process: string, hold: boolean): OperationOf<object> =>
      defineOperation<object>('shared')
        .step('first', {
          percent: 50,
          run: async () => {
            runs.push(`${process} first`)
            if (hold) {
              hanging.resolve()
              await release.promise
            }
            return {
              output: {},
              commit: async (queries) => {
                await queries.insertInto('settings').values({ name: process, value: '1' }).execute()
              },
            }
          },
        })
        .step('second', {
          percent: 100,
          run: async () => {
            runs.push(`${process} second`)
            return { output: {} }
          },
        })
    const shared = define('a', true)
    // It has no hand free, or it would take over from itself.
    const a = await openWorker(location, [shared], { leaseMs: 60_000, concurrency: 1 })
    a.operations.start()
    const { id } = await submit(a, shared, {})
    await hanging.promise
    // The dead process says nothing any more.
    await a.open.database.queries.updateTable('operations').set({ leaseOwner: 'dead' }).where('id', '=', id).execute()
    const b = await openWorker(location, [define('b', false)], { leaseMs: 1000 })
    b.operations.start()
    expect((await b.operations.wait(id)).state).toBe('succeeded')
    release.resolve()
    await a.operations[Symbol.asyncDispose]()
    expect(runs).toEqual(['a first', 'b first', 'b second'])
    expect(await b.open.database.queries.selectFrom('settings').select('name').execute()).toEqual([{ name: 'b' }])
  })

  it('an operation in the middle goes on where it was when its process closes and another opens', async () => {
    const location = await db.options()
    const runs: string[] = []
    const begun = deferred()
    const define = (process: string): OperationOf<object> =>
      defineOperation<object>('resumed')
        .step('first', {
          percent: 50,
          run: async () => {
            runs.push(`${process} first`)
            return { output: { by: process } }
          },
        })
        .step('second', {
          percent: 100,
          run: ({ outputs, call }) => {
            runs.push(`${process} second after ${outputs.first.by}`)
            if (process === 'b') return Promise.resolve({ output: {} })
            begun.resolve()
            return new Promise<never>((_, reject) =>
              call.signal.addEventListener('abort', () => reject(call.signal.reason)),
            )
          },
        })
    const a = await openWorker(location, [define('a')])
    a.operations.start()
    const { id } = await submit(a, define('a'), {})
    await begun.promise
    await a.operations[Symbol.asyncDispose]()
    const b = await openWorker(location, [define('b')])
    b.operations.start()
    expect((await b.operations.wait(id)).state).toBe('succeeded')
    expect(runs).toEqual(['a first', 'a second after a', 'b second after a'])
  })

  it('the same key is the same operation; with other input it is refused', async () => {
    const noop = defineOperation<{ n: number }>('noop').step('nothing', { percent: 100, run: async () => ({ output: {} }) })
    const one = await openWorker(await db.options(), [noop])
    const request = { subject: 'machine/1', key: 'k' }
    const send = (n: number) =>
      one.open.database.transaction((queries) => one.operations.submit(queries, noop, { ...request, input: { n } }))
    const first = await send(1)
    expect((await send(1)).id).toBe(first.id)
    await expect(send(2)).rejects.toMatchObject({ code: 'CONFLICT', details: { field: 'key' } })
  })

  it('a subject has one operation at a time', async () => {
    const noop = defineOperation<object>('noop').step('nothing', { percent: 100, run: async () => ({ output: {} }) })
    const one = await openWorker(await db.options(), [noop])
    const send = () =>
      one.open.database.transaction((queries) => one.operations.submit(queries, noop, { input: {}, subject: 'machine/1' }))
    const first = await send()
    await expect(send()).rejects.toMatchObject({ code: 'CONFLICT', details: { with: first.id } })
    one.operations.start()
    await one.operations.wait(first.id)
    await expect(send()).resolves.toMatchObject({ state: 'pending' })
  })

  it('work accepted in a transaction that rolls back never starts', async () => {
    let ran = false
    const noop = defineOperation<object>('noop').step('nothing', {
      percent: 100,
      run: async () => {
        ran = true
        return { output: {} }
      },
    })
    const one = await openWorker(await db.options(), [noop])
    one.operations.start()
    const roll = one.open.database.transaction(async (queries) => {
      await one.operations.submit(queries, noop, { input: {}, subject: 'machine/1' })
      throw new Error('the host changed its mind')
    })
    await expect(roll).rejects.toThrow('changed its mind')
    expect(await one.operations.list()).toEqual([])
    expect(ran).toBe(false)
  })
})
