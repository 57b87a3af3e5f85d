import { type MachineEvent, VirtkitError, invalidInput } from '@virtkit/spi'
import { retrieveOne } from '../client/retrieve.ts'
import { TransportFailure } from '../client/soap/vim-fault.ts'
import type { VimClient } from '../client/vim-client.ts'
import { type MoRef, listAt, numberAt, refAt, textAt, typeOf } from '../client/xml/xml-tree.ts'

export type EventPage = readonly MachineEvent[]

const firstPageSize = 1000
const maxWaitSeconds = 30
const appeared = /^Vm(Created|Registered|Cloned|Deployed|Discovered)Event$/
/** Told of a machine before it is there, or of none. */
const ignored = /^Vm(Being\w*|InstanceUuidAssigned|UuidAssigned|MacAssigned)Event$/

/** What the server keeps for one who watches. */
interface Opened {
  readonly history: MoRef
  readonly collector: MoRef
  readonly generation: number
}

/**
 * The server's history of events about machines. Its numbers are the server's own: a cursor is good in every session.
 *
 * Promises: events in their order, each once; what happened while the session was renewed is not missed.
 */
export class EventFeed {
  readonly #client: VimClient
  readonly #signal: AbortSignal
  #opened: Opened | undefined
  #version: string | undefined
  #last = 0

  constructor(client: VimClient, signal: AbortSignal) {
    this.#client = client
    this.#signal = signal
  }

  /** Begins after `since`, or now. Throws `CONFLICT` when the server does not remember as far back. */
  async open(since: number | undefined): Promise<EventPage> {
    await this.#open()
    const events = await this.#read()
    if (since === undefined) {
      this.#last = events.at(-1)?.key ?? 0
      return []
    }
    this.#last = since
    return this.#after(events)
  }

  /** Waits for the next events. */
  async next(): Promise<EventPage> {
    for (;;) {
      if (this.#opened?.generation !== this.#client.generation) await this.#open()
      const events = await this.#wait()
      if (events.length > 0) return events
    }
  }

  async close(): Promise<void> {
    const { history, collector, generation } = this.#opened ?? {}
    this.#opened = undefined
    if (!history || !collector || generation !== this.#client.generation) return
    const options = { signal: AbortSignal.timeout(2000) }
    // One after the other: whoever leaves needs no second connection.
    await this.#client.call('DestroyPropertyCollector', collector, {}, options).catch(() => undefined)
    await this.#client.call('DestroyCollector', history, {}, options).catch(() => undefined)
  }

  async #open(): Promise<void> {
    const client = this.#client
    const options = { signal: this.#signal }
    const filter = {
      entity: { entity: client.service('rootFolder'), recursion: 'all' },
      disableFullMessage: true,
      type: ['VmEvent'],
    }
    this.#version = undefined
    const history = refAt(
      await client.call('CreateCollectorForEvents', client.service('eventManager'), { filter }, options),
    )
    const collector = refAt(await client.call('CreatePropertyCollector', client.service('propertyCollector'), {}, options))
    if (!history || !collector) throw new TransportFailure('NO_SOAP', false, 'The server keeps no events.')
    await client.call('SetCollectorPageSize', history, { maxCount: firstPageSize }, options)
    const spec = {
      propSet: [{ type: 'EventHistoryCollector', all: false, pathSet: ['latestPage'] }],
      objectSet: [{ obj: history, skip: false }],
    }
    await client.call('CreateFilter', collector, { spec, partialUpdates: true }, options)
    this.#opened = { history, collector, generation: client.generation }
  }

  async #wait(): Promise<EventPage> {
    const { collector } = this.#opened ?? {}
    if (!collector) return []
    const version = this.#version
    const fields = { ...(version === undefined ? {} : { version }), options: { maxWaitSeconds } }
    const options = { signal: this.#signal, timeoutMs: (maxWaitSeconds + 20) * 1000, isPoll: true }
    const updates = await this.#client.call('WaitForUpdatesEx', collector, fields, options)
    this.#version = textAt(updates, 'version') ?? version
    return listAt(updates, 'filterSet').length === 0 ? [] : this.#after(await this.#read())
  }

  /** The newest events, oldest first. */
  async #read(): Promise<readonly { readonly key: number; readonly event: unknown }[]> {
    const { history } = this.#opened ?? {}
    if (!history) return []
    const { properties } = await retrieveOne(this.#client, history, ['latestPage'], { signal: this.#signal })
    return listAt(properties['latestPage'])
      .map((event) => ({ key: numberAt(event, 'key') ?? 0, event }))
      .toSorted((a, b) => a.key - b.key)
  }

  #after(events: readonly { readonly key: number; readonly event: unknown }[]): EventPage {
    const isGap = events.length >= firstPageSize && (events[0]?.key ?? 0) > this.#last + 1
    if (isGap || (events.at(-1)?.key ?? this.#last) < this.#last) throw tooOld()
    const page = events.filter(({ key }) => key > this.#last).flatMap(({ key, event }) => machineEvent(key, event))
    this.#last = Math.max(this.#last, events.at(-1)?.key ?? 0)
    return page
  }
}

export function parseCursor(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw invalidInput([{ field: 'since', problem: 'is not a cursor of this driver' }])
}

function machineEvent(key: number, event: unknown): readonly MachineEvent[] {
  const type = typeOf(event) ?? ''
  const ref = refAt(event, 'vm.vm')?.id
  if (ref === undefined || ignored.test(type)) return []
  const kind = appeared.test(type) ? 'appeared' : type === 'VmRemovedEvent' ? 'vanished' : 'changed'
  return [{ kind, ref, cursor: String(key) }]
}

function tooOld(): VirtkitError<'CONFLICT'> {
  return new VirtkitError('CONFLICT', 'The server does not remember what happened since that cursor.', {
    details: { field: 'since' },
    hint: 'Read the whole inventory, then watch without a cursor.',
  })
}
