import type { LogLine } from '@virtkit/core'
import type { logs } from '../../contract/resources/logs.ts'
import { timestampToMs, toNanoseconds } from '../durations.ts'
import { positionOf } from '../event-streams.ts'
import type { Handlers } from '../handler.ts'

export const logHandlers: Handlers<typeof logs> = {
  create: async ({ services, body, by }) => {
    const { starttime, endtime } = body
    const filter = {
      ...(body.services && { services: body.services }),
      ...(body.levels && { levels: body.levels }),
      ...(starttime !== undefined && { from: timestampToMs(starttime, 'starttime') }),
      ...(endtime !== undefined && { to: timestampToMs(endtime, 'endtime') }),
      limit: body.limit,
      pseudonymized: body.pseudonymization,
    }
    const { lines, truncated } = await services.logs.list(filter, by)
    return { logs: lines.map(toWire), truncated }
  },
  follow: async (call) => {
    const { kit, query, request, streams, by } = call
    const { services, levels, starttime, pseudonymization: pseudonymized } = query
    const since = starttime === undefined ? undefined : timestampToMs(starttime, 'starttime')
    const from = positionOf(request, since)
    const filter = {
      ...(services && { services }),
      ...(levels && { levels }),
      ...(from !== undefined && { from }),
      pseudonymized,
    }
    return streams.openOf(call, async (signal) => kit.logs.follow(filter, { signal }, by), textOf)
  },
}

function toWire({ at, ...line }: LogLine) {
  return { timestamp: toNanoseconds(at), ...line }
}

/** Known by its millisecond: that is where a reader resumes. */
function textOf(line: LogLine): string {
  return `id: ${line.at}\ndata: ${JSON.stringify(toWire(line))}\n\n`
}
