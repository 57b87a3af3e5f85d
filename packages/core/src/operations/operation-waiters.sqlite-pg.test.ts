import { type DomainEvent, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { randomUUID } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { RoleAccess } from '../access/role-access.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import { SqlEvents } from '../events/sql-events.ts'
import { parseOptions } from '../options/parse-options.ts'
import { defineOperation } from './operation-definition.ts'
import { OperationWaiters } from './operation-waiters.ts'
import { SqlOperations } from './sql-operations.ts'

const driver = { spec: 1 as const, name: 'none', options: {} as never, connect: () => Promise.reject(new Error('none')) }
const opened: AsyncDisposable[] = []

/** Operations that nobody works on. */
async function idle(
  location: Parameters<typeof openDatabase>[0],
): Promise<{ operations: SqlOperations; open: OpenDatabase }> {
  const options = parseOptions({ database: location, drivers: [driver], operations: { pollMs: 20 } })
  const open = await openDatabase(location)
  opened.push(open)
  const events = new SqlEvents(open.database, new RoleAccess(), systemClock, randomUUID, options)
  const operations = new SqlOperations(open.database, new RoleAccess(), events, systemClock, randomUUID, options)
  opened.push(operations)
  return { operations, open }
}

const nothing = defineOperation<object>('nothing').step('step', { percent: 100, run: async () => ({ output: {} }) })

function submit({ operations, open }: { operations: SqlOperations; open: OpenDatabase }): Promise<{ id: string }> {
  return open.database.transaction((queries) =>
    operations.submit(queries, nothing, { input: {}, subject: `machine/${randomUUID()}` }),
  )
}

/** Events that are told by hand. */
function bell(): {
  listeners: Set<(event: DomainEvent) => void>
  on: SqlEvents['on']
  ring(type: string, operation: string): void
} {
  const listeners = new Set<(event: DomainEvent) => void>()
  return {
    listeners,
    on: (_, listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ring: (type, operation) => {
      const event = { position: 1, id: randomUUID(), type, subject: 'machine/1', at: 0, data: { operation } }
      for (const listener of listeners) listener(event)
    },
  }
}

eachDatabase((db) => {
  afterEach(async () => {
    for (let each = opened.pop(); each; each = opened.pop()) await each[Symbol.asyncDispose]()
  })

  it('many who wait share one listener, and are told each of the end of their own operation', async () => {
    const one = await idle(await db.options())
    const events = bell()
    const waiters = new OperationWaiters(one.open.database, events, systemClock)
    const ids: string[] = []
    for (let count = 0; count < 200; count += 1) ids.push((await submit(one)).id)
    const told: string[] = []
    const waits = ids.flatMap((id) => [1, 2].map(() => waiters.untilEnded(id).then(() => told.push(id))))
    expect(events.listeners.size).toBe(1)

    events.ring('operation.progressed', ids[0]!)
    events.ring('operation.succeeded', ids[0]!)
    await Promise.all(waits.slice(0, 2))
    expect(told).toEqual([ids[0], ids[0]])

    for (const id of ids.slice(1)) events.ring('operation.failed', id)
    await Promise.all(waits)
    await expect.poll(() => events.listeners.size).toBe(0)
  })

  it('an end of which no event is heard is found all the same', async () => {
    const one = await idle(await db.options())
    const waiters = new OperationWaiters(one.open.database, bell(), systemClock)
    const ids = [await submit(one), await submit(one), await submit(one)].map(({ id }) => id)
    const waits = ids.map((id) => waiters.untilEnded(id))
    await one.open.database.queries.updateTable('operations').set({ endedAt: 1 }).where('id', 'in', ids).execute()
    expect(await Promise.all(waits)).toHaveLength(3)
  })

  it('whoever gives up is gone, and the others wait on', async () => {
    const one = await idle(await db.options())
    const events = bell()
    const waiters = new OperationWaiters(one.open.database, events, systemClock)
    const { id } = await submit(one)
    const abort = new AbortController()
    const [patient, impatient] = [waiters.untilEnded(id), waiters.untilEnded(id, abort.signal)]
    abort.abort('enough')
    await expect(impatient).rejects.toBe('enough')
    await expect(waiters.untilEnded(id, abort.signal)).rejects.toBe('enough')
    events.ring('operation.cancelled', id)
    await patient
  })

  it('a database that is gone ends the waiting', async () => {
    const one = await idle(await db.options())
    const waiters = new OperationWaiters(one.open.database, bell(), systemClock)
    const { id } = await submit(one)
    const wait = waiters.untilEnded(id)
    const end = wait.catch((error: unknown) => error)
    await one.open[Symbol.asyncDispose]()
    opened.length = 0
    expect(await end).toBeInstanceOf(Error)
  })
})
