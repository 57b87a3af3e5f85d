import { findMachine } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { hasEnded } from '../../connection/settle.ts'
import { printList } from '../../output/print.ts'
import { showTime } from '../../output/times.ts'

export interface ListOperationsFlags {
  readonly open?: boolean
  readonly machine?: string
  readonly limit: number
}

export async function listOperations({ client, output }: Session, flags: ListOperationsFlags): Promise<void> {
  const { open, machine, limit } = flags
  // Those of a machine that is gone are found by its key.
  const isKey = machine !== undefined && /^\d+$/.test(machine)
  const key = machine === undefined || isKey ? machine : (await findMachine(client, machine)).key
  const operations = await client.operations.list({
    limit,
    ...(open && { ended: false }),
    ...(key !== undefined && { subject: `machine/${key}` }),
  })
  printList(output, operations, {
    columns: [
      { title: 'id', whole: true, of: ({ id }) => id },
      { title: 'what', of: ({ kind }) => kind },
      { title: 'of', of: ({ subject }) => subject },
      { title: 'state', of: (each) => (hasEnded(each) ? each.state : `${each.state}, ${each.percent} %`) },
      { title: 'since', of: ({ creationdate }) => showTime(creationdate) },
    ],
    key: ({ id }) => id,
    none: open ? 'Nothing is under way.' : 'No operations yet.',
  })
}
