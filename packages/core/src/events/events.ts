import type { DomainEvent } from '@virtkit/spi'
import type { By } from '../access/actor.ts'
import type { Queries } from '../database/database.ts'

/** What happens in this database, from whichever process. */
export interface Events {
  /** Stores an event in the caller's transaction: it is told after the commit, or never. */
  append(queries: Queries, event: NewEvent): Promise<void>
  /**
   * Calls the listener for each event that is committed from now on, in order of position. `'*'` is every type. A listener that
   * throws is reported to the host's `onError` and disturbs nobody. Answers a function that ends it.
   */
  on(type: string, listener: (event: DomainEvent) => void): () => void
  /** Stored events after a position, oldest first; those that the caller may see. */
  list(options: { after?: number; limit?: number; subject?: string }, by?: By): Promise<readonly DomainEvent[]>
}

/** The events with what follows them. */
export interface EventFeed extends Events {
  /**
   * Tells the caller what is stored after a position, and then each event as it is committed, from whichever process: those that
   * the caller may see, by permissions and groups as they are now. Without `after` it begins now.
   *
   * Promises: in order of position, nothing left out and nothing twice, also when it is taken up again with the last `position`.
   * The first page comes at once and says where it begins. Who is slow holds up nobody, and one page is all that is kept for it.
   * It ends when the signal aborts or the kit closes. Throws `INVALID_INPUT` for a position that no event has reached, also later
   * on when the database is put back to an earlier state; `UNSUPPORTED` inside of a transaction.
   *
   * @example
   * ```ts
   * for await (const { events, position } of await kit.events.follow({ after: seen })) {
   *   for (const event of events) console.log(event.type, event.subject)
   *   seen = position
   * }
   * ```
   */
  follow(options?: FollowOptions, by?: By): Promise<AsyncGenerator<EventPage, void>>
}

export interface FollowOptions {
  readonly after?: number
  readonly subject?: string
  readonly signal?: AbortSignal
}

export interface EventPage {
  /** Oldest first. */
  readonly events: readonly DomainEvent[]
  /** All that there was up to here has been told. */
  readonly position: number
}

export interface NewEvent {
  /** Past tense, dotted: `machine.created`. */
  readonly type: string
  readonly subject: string
  /** JSON; never a secret. */
  readonly data?: Readonly<Record<string, unknown>>
  /** Key of the group whose it is. Default: whose the subject is now, when it is a machine or a group; nobody's otherwise. */
  readonly group?: number
}
