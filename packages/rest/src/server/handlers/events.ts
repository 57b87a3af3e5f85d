import type { events } from '../../contract/resources/events.ts'
import { positionOf } from '../event-streams.ts'
import type { Handlers } from '../handler.ts'

export const eventHandlers: Handlers<typeof events> = {
  all: async (call) => {
    const { kit, query, request, streams, by } = call
    const after = positionOf(request, query.after)
    const { subject } = query
    return streams.open(call, (signal) =>
      kit.events.follow({ signal, ...(after !== undefined && { after }), ...(subject !== undefined && { subject }) }, by),
    )
  },
  ofOperation: async (call) => {
    const { kit, query, request, streams, by } = call
    const { id } = call.params
    const after = positionOf(request, query.after)
    const { endedAt } = await kit.operations.get(id, by)
    if (endedAt !== undefined && after !== undefined) {
      const rest = await kit.operations.follow(id, { after }, by)
      // Whatever else it is told, a browser that resumes would come again.
      if ((await rest.next()).done) return new Response(null, { status: 204 })
      await rest.return()
    }
    return streams.open(call, (signal) => kit.operations.follow(id, { signal, ...(after !== undefined && { after }) }, by))
  },
}
