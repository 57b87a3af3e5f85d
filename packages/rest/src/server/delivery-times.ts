import type { CallbackDelivery, NotificationDelivery } from '@virtkit/core'
import { toNanoseconds } from './durations.ts'

/** When a delivery was stored, tried, and ended, as the wire has it. */
export function timesOf(
  delivery: Pick<CallbackDelivery | NotificationDelivery, 'createdAt' | 'dueAt' | 'endedAt' | 'history'>,
) {
  const { createdAt, dueAt, endedAt, history } = delivery
  return {
    history: history.map(({ at, problem = '' }) => ({ at: toNanoseconds(at), problem })),
    created: toNanoseconds(createdAt),
    ...(dueAt === undefined ? {} : { due: toNanoseconds(dueAt) }),
    ...(endedAt === undefined ? {} : { ended: toNanoseconds(endedAt) }),
  }
}
