import type { Client } from '@virtkit/rest/client'
import { changeList, readToChange } from '../../connection/change.ts'
import { confirm } from '../../connection/confirm.ts'
import { findEach, findUser } from '../../connection/find-others.ts'
import { findCluster, findGroup, findNetwork } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printDone } from '../../output/print.ts'

type Names = readonly string[] | undefined

export interface AddGroupFlags {
  readonly user?: readonly string[]
  readonly network?: readonly string[]
  readonly cluster?: readonly string[]
}

export async function addGroup({ client, output }: Session, groupname: string, flags: AddGroupFlags): Promise<void> {
  const group = await client.usergroups.create({
    groupname,
    users: await usersOf(client, flags.user),
    networks: await networksOf(client, flags.network),
    clusters: await clustersOf(client, flags.cluster),
  })
  printDone(output, group, { text: `Group ${groupname} has the key ${group.key}.`, key: group.key })
}

export interface UpdateGroupFlags {
  readonly name?: string
  readonly addUser?: readonly string[]
  readonly removeUser?: readonly string[]
  readonly addNetwork?: readonly string[]
  readonly removeNetwork?: readonly string[]
  readonly addCluster?: readonly string[]
  readonly removeCluster?: readonly string[]
}

export async function updateGroup({ client, output }: Session, given: string, flags: UpdateGroupFlags): Promise<void> {
  const { key } = await findGroup(client, given)
  const [before, unchanged] = await readToChange((options) => client.usergroups.get({ key }, options))
  const users = { add: await usersOf(client, flags.addUser), remove: await usersOf(client, flags.removeUser) }
  const networks = {
    add: await networksOf(client, flags.addNetwork),
    remove: await networksOf(client, flags.removeNetwork),
  }
  const clusters = {
    add: await clustersOf(client, flags.addCluster),
    remove: await clustersOf(client, flags.removeCluster),
  }
  const group = await client.usergroups.update(
    {
      key,
      groupname: flags.name ?? before.groupname,
      users: changeList(before.users, users),
      networks: changeList(before.networks, networks),
      clusters: changeList(before.clusters, clusters),
    },
    unchanged,
  )
  printDone(output, group, { text: `Group ${group.groupname} is changed.`, key })
}

/** All are found before the first goes. */
export async function removeGroups(
  { client, output, host }: Session,
  given: readonly string[],
  flags: { readonly yes?: boolean },
): Promise<void> {
  const groups = await findEach(given, (each) => findGroup(client, each))
  await confirm(host, { ...flags, question: `Delete ${groups.map(({ groupname }) => groupname).join(', ')}?` })
  for (const { key, groupname } of groups)
    printDone(output, await client.usergroups.remove({ key }), { text: `Group ${groupname} is deleted.` })
}

const keysOf = (found: readonly { readonly key: number }[]): number[] => found.map(({ key }) => key)

const usersOf = async (client: Client, given: Names): Promise<number[]> =>
  keysOf(await findEach(given, (each) => findUser(client, each)))

const networksOf = async (client: Client, given: Names): Promise<number[]> =>
  keysOf(await findEach(given, (each) => findNetwork(client, each)))

const clustersOf = async (client: Client, given: Names): Promise<number[]> =>
  keysOf(await findEach(given, (each) => findCluster(client, each)))
