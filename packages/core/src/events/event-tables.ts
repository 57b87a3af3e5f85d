import type { Generated } from 'kysely'

export interface EventTables {
  events: {
    position: Generated<number>
    id: string
    type: string
    subject: string
    at: number
    data: string
  }
  eventCursors: { sink: string; position: number }
}
