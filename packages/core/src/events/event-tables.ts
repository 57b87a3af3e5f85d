import type { Generated } from 'kysely'

export interface EventTables {
  events: {
    /** The order in which events are told. Null until it is given (PostgreSQL only). */
    position: Generated<number>
    id: string
    type: string
    subject: string
    at: number
    data: string
    /** Who did it: `user/7`, `system`, `nobody`. Null in events of earlier versions. */
    actor: string | null
    /** What the user was called then. */
    actorName: string | null
    /** The request that it was done in, as the caller named it. */
    request: string | null
    /** Whose the subject was at the time. Null: nobody's, or told of before groups were kept. */
    groupKey: Generated<number | null>
  }
  eventCursors: {
    sink: string
    position: number
    /** The process that tells it, of those that take turns, and until when nobody else does. */
    holder: Generated<string | null>
    heldUntil: Generated<number>
  }
}
