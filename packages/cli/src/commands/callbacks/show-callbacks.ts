import { findCallback } from '../../connection/find-others.ts'
import type { Session } from '../../connection/session.ts'
import { printDetails, printList } from '../../output/print.ts'

export async function listCallbacks({ client, output }: Session): Promise<void> {
  printList(output, await client.callbacks.list(), {
    columns: [
      { title: 'key', align: 'right', of: ({ key }) => key },
      { title: 'success', of: ({ callbackurl }) => callbackurl },
      { title: 'failure', of: ({ errorcallbackurl }) => errorcallbackurl },
      { title: 'notes', of: ({ notes }) => notes },
    ],
    key: ({ key }) => key,
    none: 'No callbacks yet. Make one: virtkit callbacks add --success URL --failure URL',
  })
}

export async function showCallback({ client, output }: Session, given: string): Promise<void> {
  const callback = await findCallback(client, given)
  if (output.isJson) return output.json(callback)
  printDetails(output, [
    ['key', callback.key],
    ['success', callback.callbackurl],
    ['failure', callback.errorcallbackurl],
    ['start', callback.installcallbackurl],
    ['deletion', callback.deletecallbackurl],
    ['notes', callback.notes],
  ])
}
