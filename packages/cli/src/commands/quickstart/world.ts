import type { Amount, Cluster, Contingent, Group, Network, Profile, Virtkit } from '@virtkit/core'
import type { OpenSimulator } from './open-simulator.ts'
import type { Tell } from './quickstart-events.ts'

export const clusterName = 'lab'
/** What each machine is given, and how many of them the group may have. */
const size = { cpus: 2, memoryMiB: 2048, diskMiB: 20 * 1024 }
const allowed = 3

export interface World {
  readonly cluster: Cluster
  readonly network: Network
  readonly group: Group
  readonly contingent: Contingent
  readonly profile: Profile
}

/** The inventory around the machines. Promises: what an earlier run has made is found, not made again. */
export async function setUpWorld(kit: Virtkit, { access }: OpenSimulator, tell: Tell): Promise<World> {
  const known = <T>(what: SetUp, name: string, found: T | undefined, make: () => Promise<T>): Promise<T> =>
    findOrMake({ what, name, tell }, found, make)

  const cluster = await known('cluster', clusterName, await kit.clusters.find(clusterName), () =>
    kit.clusters.add({ name: clusterName, type: 'simulated', credentials: access }),
  )
  const network = await known('network', 'lan', await kit.networks.find(cluster.key, 'lan'), () =>
    kit.networks.add({
      name: 'lan',
      cluster: cluster.key,
      cidr: '10.20.0.0/24',
      reservation: '10.20.0.10-10.20.0.50',
      gateway: '10.20.0.1',
      dns: ['10.20.0.1'],
    }),
  )
  const group = await known('group', 'team-a', await kit.groups.find('team-a'), () =>
    kit.groups.add({ name: 'team-a', networks: [network.key], clusters: [cluster.key] }),
  )
  const contingent = await known('contingent', `of ${group.name}`, await asAllowed(kit, group), () =>
    kit.contingents.set(group.key, limits),
  )
  const profile = await known('profile', 'small-debian', await kit.profiles.find('small-debian'), () =>
    kit.profiles.add({ name: 'small-debian', cluster: cluster.key, os: 'debian-12', ...size, networks: [network.key] }),
  )
  return { cluster, network, group, contingent, profile }
}

type SetUp = 'cluster' | 'network' | 'group' | 'contingent' | 'profile'

async function findOrMake<T>(
  { what, name, tell }: { readonly what: SetUp; readonly name: string; readonly tell: Tell },
  found: T | undefined,
  make: () => Promise<T>,
): Promise<T> {
  const thing = found ?? (await make())
  tell({ event: 'set-up', what, name, made: found === undefined })
  return thing
}

const limits: Amount = {
  vm: allowed,
  cpu: allowed * size.cpus,
  memory: allowed * size.memoryMiB,
  disk: allowed * size.diskMiB,
}

/** The group's contingent, unless somebody has changed its limits: then it is set again, and one more is refused again. */
async function asAllowed(kit: Virtkit, group: Group): Promise<Contingent | undefined> {
  const contingent = await kit.contingents.ofGroup(group.key)
  const dimensions = Object.keys(limits) as (keyof Amount)[]
  return dimensions.every((each) => contingent?.limits[each] === limits[each]) ? contingent : undefined
}
