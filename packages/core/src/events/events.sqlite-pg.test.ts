import { type DomainEvent, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { randomUUID } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { RoleAccess } from '../access/role-access.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { VirtkitOptions } from '../options/options.ts'
import { parseOptions } from '../options/parse-options.ts'
import { SqlEvents } from './sql-events.ts'

const driver = { spec: 1 as const, name: 'none', options: {} as never, connect: () => Promise.reject(new Error('none')) }

eachDatabase((db) => {
  const opened: AsyncDisposable[] = []
  afterEach(async () => {
    for (let each = opened.pop(); each; each = opened.pop()) await each[Symbol.asyncDispose]()
  })

  async function open(more: Partial<VirtkitOptions> = {}): Promise<{ events: SqlEvents; open: OpenDatabase }> {
    const database = await db.options()
    const options = parseOptions({ database, drivers: [driver], operations: { pollMs: 10 }, onError: () => {}, ...more })
    const handle = await openDatabase(database)
    opened.push(handle)
    const events = new SqlEvents(handle.database, new RoleAccess(), systemClock, randomUUID, options)
    opened.push(events)
    return { events, open: handle }
  }

  const append = (one: { events: SqlEvents; open: OpenDatabase }, type: string): Promise<void> =>
    one.open.database.transaction((queries) => one.events.append(queries, { type, subject: 'machine/1' }))

  it('tells what is committed, in order, to its own and to other processes, and nothing that is rolled back', async () => {
    const one = await open()
    const two = await open()
    const seen = { one: [] as string[], two: [] as string[] }
    one.events.on('*', ({ type }) => seen.one.push(type))
    two.events.on('thing.second', ({ type }) => seen.two.push(type))
    await one.events.start()
    await two.events.start()
    await append(one, 'thing.first')
    const roll = one.open.database.transaction(async (queries) => {
      await one.events.append(queries, { type: 'thing.never', subject: 'machine/1' })
      throw new Error('no')
    })
    await expect(roll).rejects.toThrow('no')
    await append(two, 'thing.second')
    await expect.poll(() => seen).toEqual({ one: ['thing.first', 'thing.second'], two: ['thing.second'] })
  })

  it('skips nothing while many transactions commit in another order than they began', async () => {
    const writers = [await open(), await open()]
    const reader = await open()
    const seen: DomainEvent[] = []
    reader.events.on('*', (event) => seen.push(event))
    await reader.events.start()
    const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * 4))
    const count = 120
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const { events, open: handle } = writers[index % 2]!
        await handle.database.transaction(async (queries) => {
          // Takes its number early and appends late, or the other way round.
          await queries
            .insertInto('settings')
            .values({ name: `n-${index}`, value: '1' })
            .execute()
          await pause()
          await events.append(queries, { type: `thing.${index}`, subject: 'machine/1' })
          await pause()
        })
      }),
    )
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(count)
    expect(new Set(seen.map((event) => event.type)).size).toBe(count)
    const positions = seen.map((event) => event.position)
    expect(positions).toEqual(positions.toSorted((a, b) => a - b))
  })

  it.skipIf(db.engine === 'sqlite')('tells what is committed while an older transaction stays open', async () => {
    const [slow, quick] = [await open(), await open()]
    const { promise: appended, resolve: begun } = Promise.withResolvers<void>()
    const { promise: end, resolve: finish } = Promise.withResolvers<void>()
    const held = slow.open.database.transaction(async (queries) => {
      await slow.events.append(queries, { type: 'thing.slow', subject: 'machine/1' })
      begun()
      await end
    })
    await appended
    await append(quick, 'thing.quick')
    expect(await quick.events.list({})).toMatchObject([{ type: 'thing.quick' }])
    finish()
    await held
    expect(await quick.events.list({})).toMatchObject([{ type: 'thing.quick' }, { type: 'thing.slow' }])
  })

  it('a sink gets every event at least once, also those from before a failure and a restart', async () => {
    const got: string[] = []
    let failures = 2
    const sink = {
      name: 'audit',
      deliver: async (events: readonly DomainEvent[]) => {
        if (failures-- > 0) throw new Error('not now')
        got.push(...events.map((event) => event.type))
      },
    }
    const one = await open({ eventSinks: [sink] })
    await append(one, 'thing.first')
    await one.events.start()
    await append(one, 'thing.second')
    await expect.poll(() => got).toEqual(['thing.first', 'thing.second'])
    await one.events[Symbol.asyncDispose]()

    await append(one, 'thing.third')
    const two = await open({ eventSinks: [sink] })
    await two.events.start()
    await expect.poll(() => got).toEqual(['thing.first', 'thing.second', 'thing.third'])
  })

  it('of several processes with one sink one tells it, each event once and in order; when it ends, another goes on', async () => {
    const got: number[] = []
    const eventSinks = [
      { name: 'queue', deliver: async (events: readonly DomainEvent[]) => void got.push(...events.map(positionOf)) },
    ]
    const [one, two] = [await open({ eventSinks }), await open({ eventSinks })]
    await Promise.all([one.events.start(), two.events.start()])
    for (let round = 1; round <= 3; round += 1) {
      await Promise.all(Array.from({ length: 10 }, (_, index) => append([one, two][index % 2]!, `thing.${round}`)))
      await expect.poll(() => got.length).toBeGreaterThanOrEqual(round * 10)
    }
    await one.events[Symbol.asyncDispose]()
    await append(two, 'thing.last')
    await expect.poll(() => got.length).toBeGreaterThanOrEqual(31)
    expect(got).toEqual((await two.events.list({ limit: 1000 })).map(positionOf))
  })

  it('a listener that throws is reported and disturbs nobody', async () => {
    const reported: string[] = []
    const one = await open({ onError: (error) => reported.push(String(error.cause)) })
    const seen: string[] = []
    one.events.on('*', () => {
      throw new Error('clumsy')
    })
    one.events.on('*', ({ type }) => seen.push(type))
    await one.events.start()
    await append(one, 'thing.first')
    await expect.poll(() => seen).toEqual(['thing.first'])
    expect(reported).toEqual(['Error: clumsy'])
  })

  it('who follows is told when the database was put back, rather than nothing more', async () => {
    const one = await open()
    await one.events.start()
    for (const type of ['thing.first', 'thing.second']) await append(one, type)
    const pages = await one.events.follow()
    await pages.next()
    await one.open.database.queries.deleteFrom('events').where('type', '=', 'thing.second').execute()
    await expect(pages.next()).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(one.events.follow({ after: 2 })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})

const positionOf = ({ position }: DomainEvent): number => position
