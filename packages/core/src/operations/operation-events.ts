import type { DomainEvent } from '@virtkit/spi'
import type { EventFeed, EventPage } from '../events/events.ts'
import { isEnding } from './operation-rules.ts'

/** What is followed, as it was when it was looked up. */
export interface Followed {
  readonly id: string
  readonly subject: string
  readonly hasEnded: boolean
}

const stored = 200

/** Tells the events of one operation after a position, until its end; of one that has ended, what there is left to tell. */
export async function followOperation(
  events: EventFeed,
  { id, subject, hasEnded }: Followed,
  after: number,
  signal: AbortSignal | undefined,
): Promise<AsyncGenerator<EventPage, void>> {
  const isOurs = ({ data }: DomainEvent): boolean => data['operation'] === id
  if (hasEnded) return told()
  return untilItsEnd(await events.follow({ after, subject, ...(signal && { signal }) }))

  async function* told(): AsyncGenerator<EventPage, void> {
    let position = after
    for (;;) {
      const page = await events.list({ after: position, subject, limit: stored })
      const last = page.at(-1)
      if (!last) return
      position = last.position
      const ours = page.filter(isOurs)
      if (ours.length > 0) yield { events: ours, position }
    }
  }

  async function* untilItsEnd(pages: AsyncGenerator<EventPage, void>): AsyncGenerator<EventPage, void> {
    for await (const page of pages) {
      const ours = page.events.filter(isOurs)
      yield { events: ours, position: page.position }
      if (ours.some(({ type }) => isEnding(type))) return
    }
  }
}
