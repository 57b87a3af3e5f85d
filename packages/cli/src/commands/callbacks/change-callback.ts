import { readToChange } from '../../connection/change.ts'
import { confirm } from '../../connection/confirm.ts'
import { findCallback, findEach } from '../../connection/find-others.ts'
import type { Session } from '../../connection/session.ts'
import { printDone, printSecret } from '../../output/print.ts'

export interface CallbackFlags {
  readonly success?: string
  readonly failure?: string
  readonly start?: string
  readonly deletion?: string
  readonly notes?: string
}

export async function addCallback(
  { client, output }: Session,
  { success, failure, start = '', deletion = '', notes = '' }: CallbackFlags & { success: string; failure: string },
): Promise<void> {
  const callback = await client.callbacks.create({
    callbackurl: success,
    errorcallbackurl: failure,
    installcallbackurl: start,
    deletecallbackurl: deletion,
    notes,
  })
  const { key, secret } = callback
  printDone(output, callback, { text: `The callback has the key ${key}.`, key })
  if (secret !== undefined) printSecret(output, 'Its deliveries are signed with', secret)
}

export async function updateCallback({ client, output }: Session, given: string, flags: CallbackFlags): Promise<void> {
  const { key } = await findCallback(client, given)
  const [before, unchanged] = await readToChange((options) => client.callbacks.get({ key }, options))
  const callback = await client.callbacks.update(
    {
      key,
      callbackurl: flags.success ?? before.callbackurl,
      errorcallbackurl: flags.failure ?? before.errorcallbackurl,
      installcallbackurl: flags.start ?? before.installcallbackurl,
      deletecallbackurl: flags.deletion ?? before.deletecallbackurl,
      notes: flags.notes ?? before.notes,
    },
    unchanged,
  )
  printDone(output, callback, { text: `Callback ${key} is changed.`, key })
}

/** All are found before the first goes. */
export async function removeCallbacks(
  { client, output, host }: Session,
  given: readonly string[],
  flags: { readonly yes?: boolean },
): Promise<void> {
  const callbacks = await findEach(given, (each) => findCallback(client, each))
  const urls = callbacks.map(({ key, callbackurl }) => `${key} (${callbackurl})`).join(', ')
  await confirm(host, { ...flags, question: `Delete callback ${urls}?` })
  for (const { key } of callbacks)
    printDone(output, await client.callbacks.remove({ key }), { text: `Callback ${key} is deleted.` })
}
