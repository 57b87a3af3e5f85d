import { findFilter } from '../../connection/find-others.ts'
import type { Session } from '../../connection/session.ts'
import { printList } from '../../output/print.ts'
import { showTime } from '../../output/times.ts'

export async function listFilters({ client, output }: Session): Promise<void> {
  printList(output, await client.notificationFilter.list(), {
    columns: [
      { title: 'key', align: 'right', of: ({ key }) => key },
      { title: 'user', align: 'right', of: ({ userkey }) => userkey },
      { title: 'channel', of: ({ type }) => type },
      { title: 'to', of: ({ to }) => to },
      { title: 'of', of: ({ filter }) => filter.join(', ') },
    ],
    key: ({ key }) => key,
    none: 'Nobody is told of anything. Tell somebody: virtkit notifications add --to ADDRESS',
  })
}

export async function listDeliveries(
  { client, output }: Session,
  given: string,
  { limit, before }: { readonly limit: number; readonly before?: number },
): Promise<void> {
  const { key, to } = await findFilter(client, given)
  const older = before === undefined ? {} : { before }
  printList(output, await client.notificationFilter.deliveries({ key, limit, ...older }), {
    columns: [
      { title: 'key', align: 'right', of: (delivery) => delivery.key },
      { title: 'time', of: ({ created }) => showTime(created) },
      { title: 'state', of: ({ state }) => state },
      { title: 'severity', of: ({ severity }) => severity },
      { title: 'title', of: ({ title }) => title },
      { title: 'problem', of: ({ problem }) => problem },
    ],
    key: (delivery) => delivery.key,
    none: `Nothing was told to ${to} in the last 30 days.`,
  })
}
