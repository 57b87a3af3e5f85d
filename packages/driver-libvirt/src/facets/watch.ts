import { type MachineEvent, type WatchOperations, isVirtkitError } from '@virtkit/spi'
import { type Libvirt, readDomain } from '../client/libvirt.ts'
import { procedures } from '../client/procedures.ts'
import type { XdrReader } from '../client/xdr.ts'
import { cancelled, unavailable } from '../errors.ts'
import { read, unlessGone } from '../machines/look.ts'
import { renderChanged } from '../machines/domain-xml.ts'
import type { Session } from '../session.ts'
import { type Picture, type Sight, differences, fingerprint, readCursor, writeCursor } from '../watch/picture.ts'

/** Kinds of event: what becomes of a domain as a whole, and changes of its metadata. */
const kinds = [0, 23] as const

export function watchOperations(session: Session): WatchOperations {
  return {
    changes: async function* ({ since }, call) {
      if (call.signal.aborted) return
      const known = since === undefined ? undefined : readCursor(since)
      const { signal, release } = session.link(call.signal)
      const feed = new Feed(signal)
      session.listeners.add(feed)
      let numbers: readonly number[] = []
      try {
        // First the events, then the look around: what happens in between is told twice rather than never.
        numbers = await session.perform(call, (libvirt) => Promise.all(kinds.map((kind) => libvirt.eventsOn(kind))))
        const now = await session.perform(call, takePicture)
        const picture = known ?? new Map(now)
        const begun = known ? differences(known, now) : []
        for (const { kind, ref } of begun) yield told(picture, kind, ref, now.get(ref))
        for (;;) {
          const happened = await feed.next()
          if (!happened) break
          const sight = await session.perform(call, (libvirt) => look(libvirt, happened.ref))
          yield* eventsOf(picture, happened, sight)
        }
      } catch (error) {
        if (!call.signal.aborted || !isVirtkitError(error, 'CANCELLED')) throw error
      } finally {
        session.listeners.delete(feed)
        feed.end()
        release()
        await stop(session, numbers)
      }
      if (feed.isLost && !call.signal.aborted) {
        throw unavailable('The connection that told of changes broke.', 'did-not-happen', {
          hint: 'Watch again from the last cursor: nothing is missed.',
        })
      }
      // Not the caller's wish: the session was closed under it.
      if (!call.signal.aborted) throw cancelled('did-not-happen')
    },
  }
}

interface Happened {
  readonly ref: string
  /** It was defined anew: it may be gone again by the time that one looks. */
  readonly isNew: boolean
}

/** What happened, in the order of events, each machine once until it is read. */
class Feed {
  readonly #waiting = new Map<string, boolean>()
  #wake: () => void = () => undefined
  #isOver = false
  isLost = false

  constructor(signal: AbortSignal) {
    if (signal.aborted) this.#isOver = true
    signal.addEventListener('abort', () => this.end(), { once: true })
  }

  event(procedure: number, body: XdrReader): void {
    if (procedure !== procedures.eventLifecycle && procedure !== procedures.eventMetadata) return
    body.int()
    const { uuid } = readDomain(body)
    // The event "defined" with the detail "added" is zero and zero.
    const isNew = procedure === procedures.eventLifecycle && body.int() === 0 && body.int() === 0
    this.#waiting.set(uuid, isNew || (this.#waiting.get(uuid) ?? false))
    this.#wake()
  }

  lost(): void {
    this.isLost = true
    this.end()
  }

  end(): void {
    this.#isOver = true
    this.#wake()
  }

  /** Undefined when it is over. */
  async next(): Promise<Happened | undefined> {
    for (;;) {
      if (this.#isOver) return undefined
      const [first] = this.#waiting
      if (first) {
        this.#waiting.delete(first[0])
        return { ref: first[0], isNew: first[1] }
      }
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}

function* eventsOf(picture: Map<string, Sight>, { ref, isNew }: Happened, sight: Sight | undefined): Generator<MachineEvent> {
  const isKnown = picture.has(ref)
  if (sight !== undefined) yield told(picture, isKnown ? 'changed' : 'appeared', ref, sight)
  else if (isKnown || isNew) {
    if (!isKnown) yield told(picture, 'appeared', ref, undefined)
    yield told(picture, 'vanished', ref, undefined)
  }
}

/** Brings the picture up to this event, and the cursor with it. */
function told(picture: Map<string, Sight>, kind: MachineEvent['kind'], ref: string, sight: Sight | undefined): MachineEvent {
  if (kind === 'vanished') picture.delete(ref)
  else if (sight !== undefined) picture.set(ref, sight)
  return { kind, ref, cursor: writeCursor(picture) }
}

async function takePicture(libvirt: Libvirt): Promise<Picture> {
  const picture = new Map<string, Sight>()
  const domains = [...(await libvirt.domains())]
  while (domains.length > 0) {
    const some = domains.splice(0, 100)
    const sights = await Promise.all(some.map(({ uuid }) => look(libvirt, uuid)))
    for (const [i, sight] of sights.entries()) if (sight !== undefined) picture.set(some[i]!.uuid, sight)
  }
  return picture
}

function look(libvirt: Libvirt, ref: string): Promise<Sight | undefined> {
  return unlessGone(async () => {
    const domain = await libvirt.domain(ref)
    const [{ xml }, state] = await Promise.all([read(libvirt, domain), libvirt.domainState(domain)])
    return fingerprint(`${state} ${renderChanged(xml)}`)
  })
}

async function stop(session: Session, numbers: readonly number[]): Promise<void> {
  try {
    const call = { signal: AbortSignal.timeout(2000) }
    await session.perform(call, (libvirt) => Promise.all(numbers.map((number) => libvirt.eventsOff(number))))
  } catch {
    // The connection is gone, and with it what was asked of it.
  }
}
