import { currentUser, findUser } from '../../connection/find-others.ts'
import type { Session } from '../../connection/session.ts'
import { printDetails, printList } from '../../output/print.ts'

export async function listUsers({ client, output }: Session): Promise<void> {
  printList(output, await client.users.list(), {
    columns: [
      { title: 'key', align: 'right', of: ({ key }) => key },
      { title: 'name', of: ({ username }) => username },
      { title: 'permissions', of: ({ permissionsgroups }) => permissionsgroups.join(', ') || 'none' },
    ],
    key: ({ key }) => key,
    none: 'No users yet. Make one: virtkit users add NAME --permissions operator',
  })
}

export async function showUser(session: Session, given: string | undefined): Promise<void> {
  const { client, output } = session
  const user = given === undefined ? await currentUser(session, 'user') : await findUser(client, given)
  if (output.isJson) return output.json(user)
  printDetails(output, [
    ['key', user.key],
    ['name', user.username],
    ['permission groups', user.permissionsgroups.join(', ') || 'none'],
    ['permissions', user.permissions.length],
  ])
}
