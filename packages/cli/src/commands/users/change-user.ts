import type { InputOf } from '@virtkit/rest/client'
import type { Contract } from '@virtkit/rest/contract'
import { confirm } from '../../connection/confirm.ts'
import { findEach, findUser } from '../../connection/find-others.ts'
import { type PasswordFlags, readPassword } from '../../connection/secrets.ts'
import type { Session } from '../../connection/session.ts'
import { printDone } from '../../output/print.ts'

type PermissionGroups = InputOf<Contract['users']['updatePermissions']>['permissiongroups']

export interface AddUserFlags extends PasswordFlags {
  readonly permissions?: PermissionGroups
}

/** Promises: when the permissions cannot be given, the user is not left either. */
export async function addUser({ client, output, host }: Session, username: string, flags: AddUserFlags): Promise<void> {
  const password = await passwordOf(host, flags, username)
  let user = await client.users.create({ username, password })
  try {
    if (flags.permissions)
      user = await client.users.updatePermissions({ key: user.key, permissiongroups: flags.permissions })
  } catch (error) {
    await client.users.remove({ key: user.key })
    throw error
  }
  const may = flags.permissions ? '' : ' and may do nothing yet'
  printDone(output, user, { text: `User ${username} has the key ${user.key}${may}.`, key: user.key })
}

export async function changePassword(
  { client, output, host }: Session,
  given: string,
  flags: PasswordFlags & { readonly name?: string },
): Promise<void> {
  const { key, username: before } = await findUser(client, given)
  const username = flags.name ?? before
  const user = await client.users.update({ key, username, password: await passwordOf(host, flags, username) })
  printDone(output, user, { text: `User ${username} has a new password.`, key })
}

export async function changePermissions(
  { client, output }: Session,
  given: string,
  permissiongroups: PermissionGroups,
): Promise<void> {
  const { key, username } = await findUser(client, given)
  const user = await client.users.updatePermissions({ key, permissiongroups })
  const may = user.permissionsgroups.length === 0 ? 'nothing' : `what ${user.permissionsgroups.join(' and ')} may`
  printDone(output, user, { text: `User ${username} may do ${may}.`, key })
}

/** All are found before the first goes. */
export async function removeUsers(
  { client, output, host }: Session,
  given: readonly string[],
  flags: { readonly yes?: boolean },
): Promise<void> {
  const users = await findEach(given, (each) => findUser(client, each))
  await confirm(host, { ...flags, question: `Delete ${users.map(({ username }) => username).join(', ')}?` })
  for (const { key, username } of users)
    printDone(output, await client.users.remove({ key }), { text: `User ${username} is deleted.` })
}

function passwordOf(host: Session['host'], flags: PasswordFlags, username: string): Promise<string> {
  return readPassword(flags, host, { variable: 'VIRTKIT_USER_PASSWORD', question: `New password of ${username}: ` })
}
