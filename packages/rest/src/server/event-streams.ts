import type { DomainEvent, EventPage } from '@virtkit/core'
import { toNanoseconds } from './durations.ts'
import { RequestError } from './error-answer.ts'
import type { Call } from './handler.ts'

export interface StreamOptions {
  /** A sign of life when nothing happens, so that proxies do not hang up. Default 15 seconds. */
  readonly heartbeatMs?: number
  /** How long a stream lives; who resumes is authenticated again, with the rights of then. Default 10 minutes. */
  readonly lifeMs?: number
  /** How many may be open at once. Default 500. */
  readonly most?: number
  /** How many of these one user may have. Default 50. */
  readonly mostOfOne?: number
}

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // What nginx would keep until it is worth sending.
  'x-accel-buffering': 'no',
}

const retry = { 'retry-after': '10' }

/** Answers pages until the signal aborts. */
export type PageSource<Page = EventPage> = (signal: AbortSignal) => Promise<AsyncGenerator<Page, void>>

/**
 * The streams of server-sent events that are open.
 *
 * Promises: for a reader that does not read, one page is kept, and nothing is read ahead. A stream ends when its source does, when
 * its reader goes, when its time is over, and when the server closes; in each case its source is ended too.
 */
export class EventStreams {
  readonly #heartbeatMs: number
  readonly #lifeMs: number
  readonly #most: number
  readonly #mostOfOne: number
  /** How each is ended, and whose it is. */
  readonly #open = new Map<() => void, number>()
  #isClosed = false

  constructor({ heartbeatMs = 15_000, lifeMs = 600_000, most = 500, mostOfOne = 50 }: StreamOptions = {}) {
    this.#heartbeatMs = heartbeatMs
    this.#lifeMs = lifeMs
    this.#most = most
    this.#mostOfOne = mostOfOne
  }

  get count(): number {
    return this.#open.size
  }

  /** Of the events of the kit. */
  open(call: Pick<Call, 'request' | 'by'>, source: PageSource): Promise<Response> {
    return this.openOf(call, source, textOf)
  }

  /** Throws what the source throws before its first page, 429 when the user has too many, and 503 when there are too many. */
  async openOf<Page>(
    { request, by }: Pick<Call, 'request' | 'by'>,
    source: PageSource<Page>,
    write: (page: Page) => string,
  ): Promise<Response> {
    // Whoever asks for the headers alone reads nothing.
    if (request.method === 'HEAD') return new Response(null, { headers })
    const { user } = by.actor
    if ([...this.#open.values()].filter((each) => each === user).length >= this.#mostOfOne)
      throw new RequestError(429, [`${by.actor.name} has ${this.#mostOfOne} streams open; close one first`], retry)
    if (this.#isClosed || this.#open.size >= this.#most)
      throw new RequestError(503, ['no further stream can be opened now'], retry)
    const ending = new AbortController()
    const end = (): void => ending.abort()
    // Taken before anything is waited for: as many as there may be, and no more.
    this.#open.set(end, user)
    const life = setTimeout(end, this.#lifeMs)
    life.unref()
    ending.signal.addEventListener('abort', () => {
      clearTimeout(life)
      request.signal.removeEventListener('abort', end)
      this.#open.delete(end)
    })
    request.signal.addEventListener('abort', end)
    if (request.signal.aborted) end()
    try {
      const pages = await source(ending.signal)
      return new Response(bodyOf(pages, write, ending, this.#heartbeatMs), { headers })
    } catch (error) {
      end()
      throw error
    }
  }

  /** Ends all, and opens no more. */
  close(): void {
    this.#isClosed = true
    for (const end of this.#open.keys()) end()
  }
}

/** Where a reader goes on: what the browser tells by itself, or what it was given in the query. Throws 400. */
export function positionOf(request: Request, after: number | undefined): number | undefined {
  const last = request.headers.get('last-event-id')?.trim()
  if (last === undefined || last === '') return after
  if (/^\d{1,15}$/.test(last)) return Number(last)
  throw new RequestError(400, ['last-event-id: is no position; send the id of the last event that was read'])
}

function bodyOf<Page>(
  pages: AsyncGenerator<Page, void>,
  write: (page: Page) => string,
  ending: AbortController,
  heartbeatMs: number,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const { signal } = ending
  let next: Promise<IteratorResult<Page, void>> | undefined
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const close = (): void => {
          void pages.return().catch(() => {})
          // Ends it also for who is not reading; of a stream that its reader has cancelled there is nothing left to close.
          try {
            controller.close()
          } catch {}
        }
        if (signal.aborted) close()
        signal.addEventListener('abort', close)
      },
      async pull(controller) {
        next ??= pages.next()
        // A source that fails ends the stream: its reader resumes, and is told why by a status.
        const page = await orSilence(next, heartbeatMs, signal).catch(() => ({ done: true as const, value: undefined }))
        if (signal.aborted) return
        if (page === undefined) return controller.enqueue(encoder.encode(': \n\n'))
        next = undefined
        if (page.done) return ending.abort()
        controller.enqueue(encoder.encode(write(page.value)))
      },
      cancel() {
        ending.abort()
      },
    },
    { highWaterMark: 0 },
  )
}

/** What comes first: the value, or `undefined` when it stays silent for long, or when the signal aborts. */
function orSilence<T>(value: Promise<T>, ms: number, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const silence = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', silence)
      resolve(undefined)
    }
    const timer = setTimeout(silence, ms)
    signal.addEventListener('abort', silence)
    value.then(resolve, reject).finally(silence)
  })
}

/** A page without events is a position by itself: browsers remember it, and tell nobody. */
function textOf({ events, position }: EventPage): string {
  if (events.length === 0) return `retry: 2000\nid: ${position}\n\n`
  return events.map((event) => `id: ${event.position}\ndata: ${JSON.stringify(toWire(event))}\n\n`).join('')
}

function toWire(event: DomainEvent) {
  return { ...event, at: toNanoseconds(event.at) }
}
