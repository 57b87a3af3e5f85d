import { EventEmitter } from 'eventemitter3'
import { acting } from '../access/acting.ts'
import { type Clock, type DomainEvent, type EventSink, VirtkitError, toVirtkitError } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import type { Database, Queries } from '../database/database.ts'
import { type LogFields, levelOf, serviceOf } from '../logs/log-rules.ts'
import { type Log, noLog } from '../logs/logs.ts'
import type { ParsedOptions } from '../options/parse-options.ts'
import { beyondTheLast, followEvents, pageOf } from './event-follower.ts'
import { givePositions } from './event-positions.ts'
import { parseSubject, visibilityOf } from './event-visibility.ts'
import type { EventFeed, EventPage, FollowOptions, NewEvent } from './events.ts'
import { SinkTurn } from './sink-turn.ts'
import { visibleEvents } from './visible-events.ts'

const page = 500
/** What is held for each follower. */
const followedPage = 50
/** On PostgreSQL each time that positions are given is a commit: so many events come together in one. */
const gatherMs = 200

/**
 * The outbox: events are rows, written with what they tell of, and told after the commit by whoever reads them in order of
 * position: this kit's listeners, and each sink from where it stopped.
 */
export class SqlEvents implements EventFeed, AsyncDisposable {
  readonly #database: Database
  readonly #access: Access
  readonly #clock: Clock
  readonly #ids: () => string
  readonly #options: ParsedOptions
  readonly #emitter = new EventEmitter()
  readonly #log: Log
  /** What was appended in a transaction that is not committed yet. */
  readonly #touched = new WeakMap<Queries, NewEvent[]>()
  readonly #closing = new AbortController()
  #nudge = new AbortController()
  #loops: Promise<unknown> | undefined

  constructor(
    database: Database,
    access: Access,
    clock: Clock,
    ids: () => string,
    options: ParsedOptions,
    log: Log = noLog,
  ) {
    this.#database = database
    this.#access = access
    this.#clock = clock
    this.#ids = ids
    this.#options = options
    this.#log = log
    database.onCommit((queries) => {
      const events = this.#touched.get(queries)
      if (!events) return
      this.#nudge.abort()
      for (const event of events) this.#logged(event)
    })
  }

  /** Begins to tell of what is committed from now on, and brings the sinks up to date: the host's and these. */
  async start(more: readonly EventSink[] = []): Promise<void> {
    await givePositions(this.#database)
    const last = await this.#last()
    const tell = async (events: readonly DomainEvent[]): Promise<void> => {
      for (const event of events) this.#emit(event)
    }
    const sinks = (this.#options.eventSinks ?? []).map((sink) => this.#tellInTurn(sink))
    this.#loops = Promise.all([this.#read(last, tell, true), ...sinks, ...more.map((sink) => this.#feed(sink))])
  }

  /** Tells what is committed by now, and ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await this.#loops
    this.#emitter.removeAllListeners()
  }

  async append(queries: Queries, event: NewEvent): Promise<void> {
    const { who, name = null, request = null } = acting()
    const { kind, key = 0 } = parseSubject(event.subject)
    const group = event.group ?? (kind === 'group' ? key : undefined)
    await queries
      .insertInto('events')
      .values(({ selectFrom }) => ({
        id: this.#ids(),
        type: event.type,
        subject: event.subject,
        at: this.#clock.now(),
        data: JSON.stringify(event.data ?? {}),
        actor: who,
        actorName: name,
        request,
        groupKey:
          group === undefined && kind === 'machine'
            ? selectFrom('machines').select('ownerKey').where('key', '=', key)
            : (group ?? null),
      }))
      .execute()
    const before = this.#touched.get(queries)
    if (before) before.push(event)
    else this.#touched.set(queries, [event])
    // The host's commit is not seen from here: what it takes back has been logged all the same.
    if (this.#database.isLent) this.#logged(event)
  }

  #logged({ type, subject, data }: NewEvent): void {
    this.#log.write(serviceOf(type), levelOf(type), 'event', { ...(data as LogFields), event: type, subject })
  }

  on(type: string, listener: (event: DomainEvent) => void): () => void {
    this.#emitter.on(type, listener)
    return () => this.#emitter.off(type, listener)
  }

  async list(options: { after?: number; limit?: number; subject?: string }, by?: By): Promise<readonly DomainEvent[]> {
    await givePositions(this.#database)
    return this.#stored(options, by)
  }

  async follow({ after, subject, signal }: FollowOptions = {}, by?: By): Promise<AsyncGenerator<EventPage, void>> {
    if (this.#database.isLent) throw notWithin()
    const ending = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    const read = async (from: number): Promise<EventPage> => {
      // First how far this goes: what is committed while it reads is left for the next time.
      const last = await this.#last()
      if (last < from) throw beyondTheLast(from, last)
      if (last === from) return { events: [], position: from }
      const only = subject === undefined ? {} : { subject }
      const events = await this.#stored({ after: from, upTo: last, limit: followedPage, ...only }, by)
      return pageOf(events, followedPage, from, last)
    }
    const last = async (): Promise<number> => {
      // What is committed by now is not news.
      await givePositions(this.#database)
      return this.#last()
    }
    const parts = { read, last, onNews: (listener: () => void) => this.on('*', listener) }
    return followEvents(parts, after, ending)
  }

  async #stored(
    options: { after?: number; limit?: number; subject?: string; upTo?: number },
    by: By | undefined,
  ): Promise<readonly DomainEvent[]> {
    let query = visibleEvents(this.#database.queries, visibilityOf(this.#access, by))
      .select(['position', 'id', 'type', 'subject', 'at', 'data'])
      .where('position', '>', options.after ?? 0)
      .orderBy('position')
      .limit(Math.min(options.limit ?? 100, 1000))
    if (options.subject !== undefined) query = query.where('subject', '=', options.subject)
    if (options.upTo !== undefined) query = query.where('position', '<=', options.upTo)
    const rows = await query.execute()
    return rows.map(({ data, ...row }) => ({ ...row, data: JSON.parse(data) as Record<string, unknown> }))
  }

  async #last(): Promise<number> {
    const last = await this.#database.queries
      .selectFrom('events')
      .select((select) => select.fn.max('position').as('position'))
      .executeTakeFirst()
    return last?.position ?? 0
  }

  /** Reads on from a position and hands over page by page, until closed; at once after each commit, or only now and then. */
  async #read(from: number, take: (events: readonly DomainEvent[]) => Promise<void>, atOnce: boolean): Promise<void> {
    let after = from
    for (;;) {
      const closing = this.#closing.signal.aborted
      if (this.#nudge.signal.aborted) this.#nudge = new AbortController()
      const wakes = atOnce ? [this.#nudge.signal, this.#closing.signal] : [this.#closing.signal]
      let full = false
      try {
        const events = await this.list({ after, limit: page })
        await take(events)
        after = events.at(-1)?.position ?? after
        full = events.length === page
      } catch (error) {
        if (!closing) this.#options.onError(toVirtkitError(error))
      }
      if (full && !closing) continue
      if (closing) return
      if (atOnce && this.#database.engine === 'postgres')
        await this.#clock.sleep(Math.min(gatherMs, this.#options.operations.pollMs), this.#closing.signal).catch(() => {})
      await this.#clock.sleep(this.#options.operations.pollMs, AbortSignal.any(wakes)).catch(() => {})
    }
  }

  /** A sink of the host's: what leaves the database is told by one process at a time. */
  async #tellInTurn(sink: EventSink): Promise<void> {
    const turn = new SinkTurn(this.#database, this.#clock, sink.name, this.#ids())
    for (let full = false; ; full = false) {
      const closing = this.#closing.signal.aborted
      try {
        full = await this.#tellPage(sink, turn)
      } catch (error) {
        if (!closing) this.#options.onError(toVirtkitError(error))
      }
      if (closing) break
      if (!full) await this.#clock.sleep(this.#options.operations.pollMs, this.#closing.signal).catch(() => {})
    }
    await turn.release().catch(() => {})
  }

  async #tellPage(sink: EventSink, turn: SinkTurn): Promise<boolean> {
    const from = await turn.position()
    const events = await this.list({ after: from, limit: page })
    const last = events.at(-1)
    if (!last) return false
    const lastsMs = await turn.take(from)
    if (lastsMs === 0) return false
    await sink.deliver(events, AbortSignal.any([this.#closing.signal, AbortSignal.timeout(lastsMs)]))
    await turn.advance(from, last.position)
    return events.length === page
  }

  /** What stays in the database knows by itself what it was told already. */
  async #feed(sink: EventSink): Promise<void> {
    const cursor = await this.#database.queries
      .selectFrom('eventCursors')
      .select('position')
      .where('sink', '=', sink.name)
      .executeTakeFirst()
    const deliver = async (events: readonly DomainEvent[]): Promise<void> => {
      const last = events.at(-1)
      if (!last) return
      await sink.deliver(events, this.#closing.signal)
      await this.#database.queries
        .insertInto('eventCursors')
        .values({ sink: sink.name, position: last.position })
        .onConflict((known) => known.column('sink').doUpdateSet({ position: last.position }))
        .execute()
    }
    // How far a sink has come is a commit each time, so it takes what has gathered, not each event by itself.
    await this.#read(cursor?.position ?? 0, deliver, false)
  }

  #emit(event: DomainEvent): void {
    for (const name of [event.type, '*']) {
      for (const listener of this.#emitter.listeners(name)) {
        try {
          listener(event)
        } catch (error) {
          this.#options.onError(toVirtkitError(error))
        }
      }
    }
  }
}

function notWithin(): VirtkitError {
  return new VirtkitError('UNSUPPORTED', 'Inside of a transaction no events are followed.', {
    details: { feature: 'following events inside of a transaction' },
    hint: 'Ask the kit itself.',
  })
}
