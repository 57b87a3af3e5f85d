import type { DomainEvent } from '@virtkit/spi'
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
  /** Stored events after a position, oldest first. */
  list(options: { after?: number; limit?: number; subject?: string }): Promise<readonly DomainEvent[]>
}

export interface NewEvent {
  /** Past tense, dotted: `machine.created`. */
  readonly type: string
  readonly subject: string
  /** JSON; never a secret. */
  readonly data?: Readonly<Record<string, unknown>>
}
