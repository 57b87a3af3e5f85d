import { readToChange } from '../../connection/change.ts'
import { confirm } from '../../connection/confirm.ts'
import { findCallback, findEach } from '../../connection/find-others.ts'
import type { Session } from '../../connection/session.ts'
import { printDone, printSecret } from '../../output/print.ts'
import { showTime } from '../../output/times.ts'

export interface CallbackFlags {
  readonly success?: string
  readonly failure?: string
  readonly start?: string
  readonly deletion?: string
  readonly notes?: string
}

export async function addCallback(
  { client, output }: Session,
  flags: CallbackFlags & Required<Pick<CallbackFlags, 'success' | 'failure'>>,
): Promise<void> {
  const callback = await client.callbacks.create({
    callbackurl: flags.success,
    errorcallbackurl: flags.failure,
    ...optionalOf(flags),
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
      ...optionalOf({
        start: flags.start ?? before.installcallbackurl,
        deletion: flags.deletion ?? before.deletecallbackurl,
        notes: flags.notes ?? before.notes,
      }),
    },
    unchanged,
  )
  printDone(output, callback, { text: `Callback ${key} is changed.`, key })
}

/** What is empty is left out: nobody is told there. */
function optionalOf({ start, deletion, notes }: CallbackFlags) {
  return {
    ...(start && { installcallbackurl: start }),
    ...(deletion && { deletecallbackurl: deletion }),
    ...(notes && { notes }),
  }
}

export async function rotateSecret(
  { client, output }: Session,
  given: string,
  { grace }: { readonly grace?: string },
): Promise<void> {
  const { key } = await findCallback(client, given)
  const rotated = await client.callbacks.rotateSecret({ key, ...(grace !== undefined && { grace }) })
  printDone(output, rotated, { text: `Until ${showTime(rotated.formeruntil)} the secret before it signs as well.`, key })
  printSecret(output, 'Deliveries are signed with', rotated.secret)
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
