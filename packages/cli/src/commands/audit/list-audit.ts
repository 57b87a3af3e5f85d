import type { Session } from '../../connection/session.ts'
import { printList } from '../../output/print.ts'
import { showTime } from '../../output/times.ts'

export interface ListAuditFlags {
  readonly after?: number
  readonly limit: number
  readonly subject?: string
  readonly actor?: string
}

export async function listAudit(
  { client, output }: Session,
  { after, limit, subject, actor }: ListAuditFlags,
): Promise<void> {
  const entries = await client.audit.list({
    limit,
    ...(after !== undefined && { after }),
    ...(subject !== undefined && { subject }),
    ...(actor !== undefined && { actor }),
  })
  printList(output, entries, {
    columns: [
      { title: 'position', align: 'right', of: ({ position }) => position },
      { title: 'time', of: ({ time }) => showTime(time) },
      { title: 'who', of: (entry) => entry.username || entry.actor },
      { title: 'did', of: ({ action }) => action },
      { title: 'to', of: (entry) => entry.subject },
      { title: 'outcome', of: ({ outcome }) => outcome },
    ],
    key: ({ position }) => position,
    none: 'There is nothing in the record.',
  })
}
