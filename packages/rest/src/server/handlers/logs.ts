import type { logs } from '../../contract/resources/logs.ts'
import { timestampToMs, toNanoseconds } from '../durations.ts'
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
    return { logs: lines.map(({ at, ...line }) => ({ timestamp: toNanoseconds(at), ...line })), truncated }
  },
}
