import type { DomainEvent } from '@virtkit/spi'
import { expect, it } from 'vitest'
import { followEvents, pageOf } from './event-follower.ts'

/** Events that come when the test says so; counts what is asked for. */
function source() {
  const events: DomainEvent[] = []
  const listeners = new Set<() => void>()
  const seen = { reads: 0, listeners }
  const limit = 10
  return {
    seen,
    add(count: number): void {
      for (let index = 0; index < count; index += 1) {
        const position = events.length + 1
        events.push({ position, id: `e-${position}`, type: 'thing.happened', subject: 'thing/1', at: 0, data: {} })
      }
      for (const listener of listeners) listener()
    },
    parts: {
      last: async () => events.length,
      read: async (after: number) => {
        seen.reads += 1
        return pageOf(events.slice(after, after + limit), limit, after, events.length)
      },
      onNews: (listener: () => void) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
  }
}

it('begins where it is told, or now, and says where that is before anything happens', async () => {
  const { add, parts } = source()
  add(3)
  const { signal } = new AbortController()
  const now = await followEvents(parts, undefined, signal)
  expect((await now.next()).value).toEqual({ events: [], position: 3 })
  const before = await followEvents(parts, 1, signal)
  expect((await before.next()).value).toEqual({ events: [], position: 1 })
  expect((await before.next()).value).toMatchObject({ events: [{ position: 2 }, { position: 3 }], position: 3 })
  await expect(followEvents(parts, 4, signal)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

it('reads nothing ahead for who does not ask, and then all that came meanwhile', async () => {
  const { add, parts, seen } = source()
  const pages = await followEvents(parts, 0, new AbortController().signal)
  await pages.next()
  add(25)
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(seen.reads).toBe(0)
  const sizes: number[] = []
  while (sizes.reduce((sum, size) => sum + size, 0) < 25) sizes.push((await pages.next()).value!.events.length)
  expect(sizes).toEqual([10, 10, 5])
})

it('does not sleep through what comes while it reads', async () => {
  const { add, parts } = source()
  let during = (): void => add(1)
  const read = async (after: number): ReturnType<typeof parts.read> => {
    const page = await parts.read(after)
    during()
    during = () => {}
    return page
  }
  const pages = await followEvents({ ...parts, read }, 0, new AbortController().signal)
  await pages.next()
  expect((await pages.next()).value).toMatchObject({ events: [{ position: 1 }] })
})

it('ends when the signal aborts, also while it waits, and listens no longer', async () => {
  const { parts, seen } = source()
  const ending = new AbortController()
  const pages = await followEvents(parts, 0, ending.signal)
  await pages.next()
  const waiting = pages.next()
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(seen.listeners.size).toBe(1)
  ending.abort()
  expect(await waiting).toEqual({ done: true, value: undefined })
  expect(seen.listeners.size).toBe(0)
})
