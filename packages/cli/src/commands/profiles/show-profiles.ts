import { findProfile } from '../../connection/find-others.ts'
import type { Session } from '../../connection/session.ts'
import { printDetails, printList } from '../../output/print.ts'

export async function listProfiles({ client, output }: Session): Promise<void> {
  const [profiles, systems, clusters] = await Promise.all([
    client.profiles.list(),
    client.operatingSystems.list(),
    client.clusters.list(),
  ])
  const names = new Map(systems.map(({ key, name }) => [key, name]))
  const places = new Map(clusters.map(({ key, name }) => [key, name]))
  printList(output, profiles, {
    columns: [
      { title: 'key', align: 'right', of: ({ key }) => key },
      { title: 'name', of: ({ name }) => name },
      { title: 'cpus', align: 'right', of: ({ cpu }) => cpu },
      { title: 'memory', align: 'right', of: ({ ram }) => ram },
      { title: 'disk', align: 'right', of: ({ disc }) => disc },
      { title: 'system', of: ({ oskey }) => names.get(oskey) ?? oskey },
      { title: 'cluster', of: ({ clusterkey }) => places.get(clusterkey) ?? clusterkey },
    ],
    key: ({ key }) => key,
    none: 'No profiles yet. Make one: virtkit profiles add NAME --cluster … --os … --cpus … --memory … --disk …',
  })
}

export async function showProfile({ client, output }: Session, given: string): Promise<void> {
  const profile = await findProfile(client, given)
  if (output.isJson) return output.json(profile)
  const [systems, clusters, networks] = await Promise.all([
    client.operatingSystems.list(),
    client.clusters.list(),
    client.networks.list(),
  ])
  const nameOf = (all: readonly { key: number; name: string }[], key: number): string | number =>
    all.find((each) => each.key === key)?.name ?? key
  printDetails(output, [
    ['key', profile.key],
    ['name', profile.name],
    ['system', nameOf(systems, profile.oskey)],
    ['cpus', profile.cpu],
    ['memory', profile.ram],
    ['disk', profile.disc],
    ['datastore', profile.datastore],
    ['cluster', nameOf(clusters, profile.clusterkey)],
    ['networks', profile.networks.map((key) => nameOf(networks, key)).join(', ')],
  ])
}
