import type { EventPage } from '@virtkit/core'
import { afterEach, expect, it, vi } from 'vitest'
import { EventStreams, positionOf } from './event-streams.ts'

const request = (headers: Record<string, string> = {}) => new Request('http://lab/rest/v1/events', { headers })
const call = (of: Request = request(), user = 1) => ({
  request: of,
  by: { actor: { kind: 'user', user, name: 'ann', permissions: 'all', groups: 'all' } as const },
})
const page = (position: number): EventPage => ({
  events: [{ position, id: `e-${position}`, type: 'thing.happened', subject: 'thing/1', at: 1, data: {} }],
  position,
})

afterEach(() => vi.useRealTimers())

/** Pages without end, which are counted; or the first few, and then silence until the signal. */
function source(most = Infinity) {
  const told = { pages: 0, ended: false }
  const open = async (signal: AbortSignal): Promise<AsyncGenerator<EventPage, void>> => {
    async function* tell(): AsyncGenerator<EventPage, void> {
      try {
        while (told.pages < most) yield page((told.pages += 1))
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      } finally {
        told.ended = true
      }
    }
    return tell()
  }
  return { told, open }
}

const read = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string | undefined> => {
  const { value } = await reader.read()
  return value && new TextDecoder().decode(value)
}

it('writes events with their position, and nothing ahead of its reader', async () => {
  const { told, open } = source()
  const response = await new EventStreams().open(call(), open)
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(told.pages).toBe(0)
  const reader = response.body!.getReader()
  expect(await read(reader)).toBe(
    'id: 1\ndata: {"position":1,"id":"e-1","type":"thing.happened","subject":"thing/1","at":1000000,"data":{}}\n\n',
  )
  await read(reader)
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(told.pages).toBe(2)
  await reader.cancel()
  await vi.waitFor(() => expect(told.ended).toBe(true))
})

it('gives a sign of life in silence, and loses nothing that comes after it', async () => {
  let tell: (result: IteratorResult<EventPage, void>) => void = () => {}
  const silent = {
    next: () => new Promise((resolve) => (tell = resolve)),
    return: async () => ({ done: true, value: undefined }),
  } as unknown as AsyncGenerator<EventPage, void>
  const streams = new EventStreams({ heartbeatMs: 5 })
  const reader = (await streams.open(call(), async () => silent)).body!.getReader()
  expect(await read(reader)).toBe(': \n\n')
  tell({ done: false, value: page(7) })
  expect(await read(reader)).toMatch(/^id: 7\n/)
  streams.close()
})

it('ends with its source, when its time is over, and when the reader, the request or the server goes', async () => {
  const streams = new EventStreams({ lifeMs: 20 })
  const short = await streams.open(call(), async () => (async function* () {})())
  expect(await short.text()).toBe('')
  const { open, told } = source(1)
  const old = await streams.open(call(), open)
  expect(await old.text()).toMatch(/^id: 1\n/)
  expect([told.ended, streams.count]).toEqual([true, 0])

  const closing = new EventStreams()
  const ending = new AbortController()
  const gone = source(0)
  const left = await closing.open(call(new Request('http://lab/', { signal: ending.signal })), gone.open)
  const slow = source()
  const unread = await closing.open(call(), slow.open)
  await read(unread.body!.getReader())
  expect(closing.count).toBe(2)
  const text = left.text()
  ending.abort()
  expect(await text).toBe('')
  expect(closing.count).toBe(1)
  closing.close()
  await vi.waitFor(() => expect([gone.told.ended, slow.told.ended, closing.count]).toEqual([true, true, 0]))
  await expect(closing.open(call(), slow.open)).rejects.toMatchObject({ status: 503 })
})

it('opens no more than it may, and counts no stream that could not be opened', async () => {
  const streams = new EventStreams({ most: 1 })
  await expect(streams.open(call(), async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  const { open } = source(0)
  const one = await streams.open(call(), open)
  await expect(streams.open(call(), open)).rejects.toMatchObject({ status: 503 })
  await one.body!.cancel()
  await expect(streams.open(call(), open)).resolves.toBeInstanceOf(Response)
  streams.close()
})

it('leaves room for others, and keeps no stream for who asks for its headers alone', async () => {
  const streams = new EventStreams({ mostOfOne: 1 })
  const { open } = source(0)
  const head = await streams.open(call(new Request('http://lab/', { method: 'HEAD' })), open)
  expect([head.status, head.body, streams.count]).toEqual([200, null, 0])
  await streams.open(call(), open)
  await expect(streams.open(call(), open)).rejects.toMatchObject({ status: 429 })
  await expect(streams.open(call(request(), 2), open)).resolves.toBeInstanceOf(Response)
  streams.close()
})

it('resumes from what the browser remembers, before what the address says', () => {
  expect(positionOf(request(), undefined)).toBeUndefined()
  expect(positionOf(request(), 3)).toBe(3)
  expect(positionOf(request({ 'last-event-id': '12' }), 3)).toBe(12)
  expect(() => positionOf(request({ 'last-event-id': '-1' }), 3)).toThrow('last-event-id')
})
