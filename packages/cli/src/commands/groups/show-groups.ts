import { findGroup } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printDetails, printList } from '../../output/print.ts'

export async function listGroups({ client, output }: Session): Promise<void> {
  printList(output, await client.usergroups.list(), {
    columns: [
      { title: 'key', align: 'right', of: ({ key }) => key },
      { title: 'name', of: ({ groupname }) => groupname },
      { title: 'users', align: 'right', of: ({ users }) => users.length },
      { title: 'networks', align: 'right', of: ({ networks }) => networks.length },
      { title: 'clusters', align: 'right', of: ({ clusters }) => clusters.length },
    ],
    key: ({ key }) => key,
    none: 'No groups yet. Make one: virtkit groups add NAME',
  })
}

export async function showGroup({ client, output }: Session, given: string): Promise<void> {
  const group = await findGroup(client, given)
  if (output.isJson) return output.json(group)
  const [users, networks, clusters] = await Promise.all([
    client.users.list(),
    client.networks.list(),
    client.clusters.list(),
  ])
  const names = new Map(users.map(({ key, username }) => [key, username]))
  const nameIn = (all: readonly { key: number; name: string }[], key: number): string | number =>
    all.find((each) => each.key === key)?.name ?? key
  printDetails(output, [
    ['key', group.key],
    ['name', group.groupname],
    ['users', group.users.map((key) => names.get(key) ?? key).join(', ')],
    ['networks', group.networks.map((key) => nameIn(networks, key)).join(', ')],
    ['clusters', group.clusters.map((key) => nameIn(clusters, key)).join(', ')],
  ])
}
