import { invalidInput } from '@virtkit/spi'
import { findCallback } from '../../connection/find-others.ts'
import type { Session } from '../../connection/session.ts'
import { printDone, printList } from '../../output/print.ts'
import { showTime } from '../../output/times.ts'

export interface DeliveryFlags {
  readonly state?: 'due' | 'delivered' | 'dead'
  readonly limit: number
  readonly before?: number
}

export async function listDeliveries({ client, output }: Session, given: string, flags: DeliveryFlags): Promise<void> {
  const { key, callbackurl } = await findCallback(client, given)
  const { state, limit, before } = flags
  const query = { limit, ...(state && { state }), ...(before !== undefined && { before }) }
  printList(output, await client.callbacks.deliveries({ key, ...query }), {
    columns: [
      { title: 'key', align: 'right', of: (delivery) => delivery.key },
      { title: 'time', of: ({ created }) => showTime(created) },
      { title: 'of', of: ({ subject }) => subject },
      { title: 'kind', of: ({ kind }) => kind },
      { title: 'state', of: (delivery) => delivery.state },
      { title: 'tries', align: 'right', of: ({ attempts }) => attempts },
      { title: 'problem', of: ({ problem }) => problem },
    ],
    key: (delivery) => delivery.key,
    none: `Nothing ${state === undefined ? 'was told, or waits to be,' : `is ${state}`} for ${callbackurl}.`,
  })
}

/** With the same `webhook-id`, so that a receiver that has had it knows it again. */
export async function replayDeliveries(
  { client, output }: Session,
  given: string,
  deliveries: readonly string[],
): Promise<void> {
  const keys = deliveries.map((text) => {
    if (/^\d{1,15}$/.test(text)) return Number(text)
    throw invalidInput([
      { field: 'delivery', problem: `'${text}' is not a key`, hint: 'see: virtkit callbacks deliveries' },
    ])
  })
  const { key } = await findCallback(client, given)
  if (keys.length === 0) {
    const replayed = await client.callbacks.replayDead({ key })
    return printDone(output, replayed, { text: `${replayed.count} will be told again.`, key })
  }
  for (const delivery of keys) {
    const replayed = await client.callbacks.replay({ key, delivery })
    printDone(output, replayed, { text: `Delivery ${delivery} will be told again.`, key: delivery })
  }
}
