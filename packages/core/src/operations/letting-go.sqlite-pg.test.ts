import { systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { randomUUID } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { RoleAccess } from '../access/role-access.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import { SqlEvents } from '../events/sql-events.ts'
import { parseOptions } from '../options/parse-options.ts'
import { type OperationOf, defineOperation } from './operation-definition.ts'
import { SqlOperations } from './sql-operations.ts'

const driver = { spec: 1 as const, name: 'none', options: {} as never, connect: () => Promise.reject(new Error('none')) }
const opened: AsyncDisposable[] = []

async function worker(
  location: Parameters<typeof openDatabase>[0],
): Promise<{ operations: SqlOperations; open: OpenDatabase }> {
  const options = parseOptions({ database: location, drivers: [driver], operations: { pollMs: 20 }, onError: () => {} })
  const open = await openDatabase(location)
  opened.push(open)
  const events = new SqlEvents(open.database, new RoleAccess(), systemClock, randomUUID, options)
  const operations = new SqlOperations(open.database, new RoleAccess(), events, systemClock, randomUUID, options)
  opened.push(operations)
  return { operations, open }
}

async function begin(
  one: { operations: SqlOperations; open: OpenDatabase },
  definition: OperationOf<object>,
): Promise<string> {
  one.operations.register(definition)
  one.operations.start()
  const request = { input: {}, subject: `machine/${randomUUID()}` }
  return (await one.open.database.transaction((queries) => one.operations.submit(queries, definition, request))).id
}

const anHour = { waitMs: 3_600_000, waitFor: 'the bell' }

eachDatabase((db) => {
  afterEach(async () => {
    for (let each = opened.pop(); each; each = opened.pop()) await each[Symbol.asyncDispose]()
  })

  it('a step that is done hands on what the next one waits for, and that one begins only when it is woken', async () => {
    let begun = 0
    const one = await worker(await db.options())
    const id = await begin(
      one,
      defineOperation<object>('ring')
        .step('hang', { percent: 50, run: async () => ({ output: {}, next: anHour }) })
        .step('ring', {
          percent: 100,
          run: async () => {
            begun += 1
            return { output: {} }
          },
        }),
    )
    await expect.poll(() => one.operations.get(id)).toMatchObject({ step: 'ring', text: 'the bell', percent: 50 })
    expect(begun).toBe(0)
    const row = await one.open.database.queries.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirst()
    expect(row).toMatchObject({ leaseOwner: null })

    await one.open.database.transaction((queries) => one.operations.wake(queries, id))
    expect(await one.operations.wait(id)).toMatchObject({ state: 'succeeded' })
    expect(begun).toBe(1)
  })

  it('whoever wakes it while the step before is still at work is not forgotten', async () => {
    const one = await worker(await db.options())
    const id = await begin(
      one,
      defineOperation<object>('ring')
        .step('hang', {
          percent: 50,
          run: async ({ operationId }) => {
            await one.open.database.transaction((queries) => one.operations.wake(queries, operationId))
            return { output: {}, next: anHour }
          },
        })
        .step('ring', { percent: 100, run: async () => ({ output: {} }) }),
    )
    expect(await one.operations.wait(id)).toMatchObject({ state: 'succeeded' })
  })

  it('a request to cancel that comes while it is let go of is heard', async () => {
    const one = await worker(await db.options())
    const undone: string[] = []
    const undo = (name: string) => async (): Promise<void> => void undone.push(name)
    const id = await begin(
      one,
      defineOperation<object>('ring')
        .step('hang', { percent: 50, run: async () => ({ output: {}, next: anHour }), undo: undo('hang') })
        .step('ring', { percent: 100, run: async () => ({ output: {} }), undo: undo('ring') }),
    )
    await expect.poll(() => one.operations.get(id)).toMatchObject({ step: 'ring' })
    await one.operations.cancel(id)
    expect(await one.operations.wait(id)).toMatchObject({ state: 'cancelled' })
    expect(undone).toEqual(['ring', 'hang'])
  })

  it('it waits no longer than the next step may take', async () => {
    const one = await worker(await db.options())
    const id = await begin(
      one,
      defineOperation<object>('ring')
        .step('hang', { percent: 50, run: async () => ({ output: {}, next: anHour }) })
        .step('ring', { percent: 100, deadlineAt: ({ startedAt }) => startedAt + 30, run: async () => anHour }),
    )
    const ended = await one.operations.wait(id)
    expect(ended.error).toMatchObject({ code: 'TIMEOUT', details: { waitedFor: 'the bell' } })
  })
})
