import type { InputOf } from '@virtkit/rest/client'
import type { Contract } from '@virtkit/rest/contract'
import { readToChange } from '../../connection/change.ts'
import { confirm } from '../../connection/confirm.ts'
import { currentUser, findEach, findFilter, findUser } from '../../connection/find-others.ts'
import type { Session } from '../../connection/session.ts'
import { printDone, printSecret } from '../../output/print.ts'

type Severities = InputOf<Contract['notificationFilter']['create']>['filter']

export interface FilterFlags {
  readonly to?: string
  readonly type?: string
  readonly user?: string
  readonly severity?: Severities
}

type NewFilterFlags = FilterFlags & Required<Pick<FilterFlags, 'to' | 'type' | 'severity'>>

export async function addFilter(session: Session, flags: NewFilterFlags): Promise<void> {
  const { client, output } = session
  const { to, type, severity: filter } = flags
  const { key: userkey } =
    flags.user === undefined ? await currentUser(session, '--user') : await findUser(client, flags.user)
  const made = await client.notificationFilter.create({ to, type, userkey, filter })
  printDone(output, made, { text: `${to} is told of ${filter.join(', ')}; its key is ${made.key}.`, key: made.key })
  if (made.secret !== undefined) printSecret(output, 'What it is sent is signed with', made.secret)
}

export async function updateFilter({ client, output }: Session, given: string, flags: FilterFlags): Promise<void> {
  const { key } = await findFilter(client, given)
  const [before, unchanged] = await readToChange((options) => client.notificationFilter.get({ key }, options))
  const made = await client.notificationFilter.update(
    {
      key,
      to: flags.to ?? before.to,
      type: flags.type ?? before.type,
      userkey: flags.user === undefined ? before.userkey : (await findUser(client, flags.user)).key,
      filter: flags.severity ?? before.filter,
    },
    unchanged,
  )
  printDone(output, made, { text: `${made.to} is told of ${made.filter.join(', ')}.`, key })
  if (made.secret !== undefined) printSecret(output, 'What it is sent is signed with', made.secret)
}

/** All are found before the first goes. */
export async function removeFilters(
  { client, output, host }: Session,
  given: readonly string[],
  flags: { readonly yes?: boolean },
): Promise<void> {
  const filters = await findEach(given, (each) => findFilter(client, each))
  await confirm(host, { ...flags, question: `Tell ${filters.map(({ to }) => to).join(', ')} nothing any more?` })
  for (const { key, to } of filters)
    printDone(output, await client.notificationFilter.remove({ key }), { text: `${to} is told nothing any more.` })
}
