import { type MachineEvent, type WatchOperations, isVirtkitError } from '@virtkit/spi'
import { type Libvirt, readDomain } from '../client/libvirt.ts'
import { procedures } from '../client/procedures.ts'
import { XdrReader } from '../client/xdr.ts'
import { cancelled, unavailable } from '../errors.ts'
import { read, unlessGone } from '../machines/look.ts'
import { renderChanged } from '../machines/domain-xml.ts'
import type { Session } from '../session.ts'
import { type Picture, type Sight, differences, fingerprint, readCursor, writeCursor } from '../watch/picture.ts'

export function watchOperations(session: Session): WatchOperations {
  return {
    changes: async function* ({ since }, call) {
      if (call.signal.aborted) return
      const known = since === undefined ? undefined : readCursor(since)
      const { signal, release } = session.link(call.signal)
      const feed = new Feed(signal)
      session.listeners.add(feed)
      try {
        // First the events, then the look around: what happens in between is told twice rather than never.
        await session.perform(call, () => session.hearEvents())
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

  event(procedure: number, body: Buffer): void {
    if (procedure !== procedures.eventLifecycle && procedure !== procedures.eventMetadata) return
    const { uuid, isNew } = readEvent(procedure, new XdrReader(body))
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

function readEvent(procedure: number, event: XdrReader): { readonly uuid: string; readonly isNew: boolean } {
  event.int()
  const { uuid } = readDomain(event)
  // The event "defined" with the detail "added" is zero and zero.
  return { uuid, isNew: procedure === procedures.eventLifecycle && event.int() === 0 && event.int() === 0 }
}

function* eventsOf(
  picture: Map<string, Sight>,
  { ref, isNew }: Happened,
  sight: Sight | undefined,
): Generator<MachineEvent> {
  const isKnown = picture.has(ref)
  if (sight !== undefined) yield told(picture, isKnown ? 'changed' : 'appeared', ref, sight)
  else if (isKnown || isNew) {
    if (!isKnown) yield told(picture, 'appeared', ref, undefined)
    yield told(picture, 'vanished', ref, undefined)
  }
}

/** Brings the picture up to this event, and the cursor with it. */
function told(
  picture: Map<string, Sight>,
  kind: MachineEvent['kind'],
  ref: string,
  sight: Sight | undefined,
): MachineEvent {
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
