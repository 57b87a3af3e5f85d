import { readToChange } from '../../connection/change.ts'
import { confirm } from '../../connection/confirm.ts'
import { findEach, findProfile } from '../../connection/find-others.ts'
import { findCluster, findNetwork, findSystem } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printDone } from '../../output/print.ts'

export interface ProfileFlags {
  readonly name?: string
  readonly cluster?: string
  readonly os?: string
  readonly cpus?: number
  readonly memory?: string
  readonly disk?: string
  readonly datastore?: string
  readonly network?: readonly string[]
}

type NewProfileFlags = ProfileFlags &
  Required<Pick<ProfileFlags, 'cluster' | 'os' | 'cpus' | 'memory' | 'disk' | 'datastore'>>

export async function addProfile({ client, output }: Session, name: string, flags: NewProfileFlags): Promise<void> {
  const cluster = await findCluster(client, flags.cluster)
  const system = await findSystem(client, flags.os)
  const networks = await findEach(flags.network, (each) => findNetwork(client, each, { cluster: cluster.key }))
  const profile = await client.profiles.create({
    name,
    clusterkey: cluster.key,
    oskey: system.key,
    cpu: flags.cpus,
    ram: flags.memory,
    disc: flags.disk,
    datastore: flags.datastore,
    networks: networks.map(({ key }) => key),
  })
  printDone(output, profile, { text: `Profile ${name} has the key ${profile.key}.`, key: profile.key })
}

export async function updateProfile({ client, output }: Session, given: string, flags: ProfileFlags): Promise<void> {
  const { key } = await findProfile(client, given)
  const [before, unchanged] = await readToChange((options) => client.profiles.get({ key }, options))
  const cluster = flags.cluster === undefined ? before.clusterkey : (await findCluster(client, flags.cluster)).key
  const networks = await findEach(flags.network, (each) => findNetwork(client, each, { cluster }))
  const profile = await client.profiles.update(
    {
      key,
      name: flags.name ?? before.name,
      clusterkey: cluster,
      oskey: flags.os === undefined ? before.oskey : (await findSystem(client, flags.os)).key,
      cpu: flags.cpus ?? before.cpu,
      ram: flags.memory ?? before.ram,
      disc: flags.disk ?? before.disc,
      datastore: flags.datastore ?? before.datastore,
      networks: flags.network ? networks.map((each) => each.key) : before.networks,
    },
    unchanged,
  )
  printDone(output, profile, { text: `Profile ${profile.name} is changed.`, key })
}

/** All are found before the first goes. */
export async function removeProfiles(
  { client, output, host }: Session,
  given: readonly string[],
  flags: { readonly yes?: boolean },
): Promise<void> {
  const profiles = await findEach(given, (each) => findProfile(client, each))
  await confirm(host, { ...flags, question: `Delete ${profiles.map(({ name }) => name).join(', ')}?` })
  for (const { key, name } of profiles)
    printDone(output, await client.profiles.remove({ key }), { text: `Profile ${name} is deleted.` })
}
