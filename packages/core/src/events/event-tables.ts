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
  }
  eventCursors: { sink: string; position: number }
}
