import { type DomainEvent, invalidInput } from '@virtkit/spi'
import type { EventPage } from './events.ts'

export interface FollowParts {
  /** Up to a page of what the follower may see after a position, and how far that goes. */
  readonly read: (after: number) => Promise<EventPage>
  /** The position of the last event of all. */
  readonly last: () => Promise<number>
  /** Calls the listener when there is news; answers a function that ends it. */
  readonly onNews: (listener: () => void) => () => void
}

/**
 * Tells what is stored after a position, and then each event as it comes, for as long as somebody takes it.
 *
 * Nothing is held for who does not take it but the one page that it was given last: what came meanwhile is read when it asks for
 * more. Throws `INVALID_INPUT` for a position that no event has reached.
 */
export async function followEvents(
  parts: FollowParts,
  after: number | undefined,
  signal: AbortSignal,
): Promise<AsyncGenerator<EventPage, void>> {
  const last = await parts.last()
  if (after !== undefined && after > last) throw beyondTheLast(after, last)
  return tell(parts, after ?? last, signal)
}

async function* tell(parts: FollowParts, after: number, signal: AbortSignal): AsyncGenerator<EventPage, void> {
  const news = new News()
  const stop = parts.onNews(() => news.tell())
  signal.addEventListener('abort', news.tell)
  try {
    // Where it begins, also when there is nothing yet: who is cut off now resumes from there.
    let position = after
    yield { events: [], position }
    while (!signal.aborted) {
      news.forget()
      const page = await parts.read(position)
      if (signal.aborted) return
      if (page.position === position) await news.next()
      else if (page.events.length > 0) yield page
      position = page.position
    }
  } finally {
    signal.removeEventListener('abort', news.tell)
    stop()
  }
}

/** One bell for one who waits; rung while nobody waits, it is heard later. */
class News {
  #isTold = false
  #wake = (): void => {}

  readonly tell = (): void => {
    this.#isTold = true
    this.#wake()
  }

  forget(): void {
    this.#isTold = false
  }

  next(): Promise<void> {
    if (this.#isTold) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

/** The database was put back: what was told does not hold any more, and what comes would be taken for what was. */
export function beyondTheLast(after: number, last: number): Error {
  return invalidInput([
    {
      field: 'after',
      problem: `${after} is beyond the last event, ${last}`,
      hint: 'the database was put back to an earlier state: read what there is, and begin anew without it',
    },
  ])
}

/** A page ends with its last event when it is full, else with the last of all that there was when it was read. */
export function pageOf(events: readonly DomainEvent[], limit: number, after: number, last: number): EventPage {
  const isFull = events.length === limit
  return { events, position: isFull ? events.at(-1)!.position : Math.max(after, last) }
}
