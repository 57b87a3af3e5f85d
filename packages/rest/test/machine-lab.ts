import type { UserActor } from '@virtkit/core'
import type { DatabaseLocation } from '@virtkit/test-databases'
import { type Fields, type RestLab, admin, openRestLab } from './rest-lab.ts'

export interface MachineLab extends RestLab {
  /** Keys of what the lab set up. */
  readonly cluster: number
  readonly network: number
  readonly group: number
  readonly oskey: number
  /** Of a group with room for three small machines. */
  readonly ann: { name: string; password: string }
  /** Of a group that has nothing. */
  readonly bob: { name: string; password: string }
  /** What creating a machine asks for, as a form. */
  machine(name: string, more?: Fields): Fields
  /** Creates and installs a machine, and answers its key. */
  deploy(name: string): Promise<number>
}

/** A hash that is given need not be made: that takes a while. */
const password = `$6$saltsalt$${'a'.repeat(85)}.`

type LabOptions = NonNullable<Parameters<typeof openRestLab>[1]>

/** The REST face of a kit with a simulated cluster, a network, and two groups with a user each. */
export async function openMachineLab(database: DatabaseLocation, options: LabOptions = {}): Promise<MachineLab> {
  // Passwords are slow to check on purpose, and these tests are about something else.
  const authenticate = async (request: Request): Promise<UserActor | undefined> => {
    const [name] = atob(request.headers.get('authorization')?.split(' ')[1] ?? '').split(':')
    const user = (await lab.kit.users.list()).find((each) => each.name === name)
    return user && lab.kit.users.actor(user.key)
  }
  const lab = await openRestLab(database, { ...options, rest: { authenticate, ...options.rest } })
  const { kit, simulator } = lab
  const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: simulator.url } })
  const network = await kit.networks.add({
    name: 'lan',
    cluster: cluster.key,
    cidr: '10.20.0.0/24',
    reservation: '10.20.0.10-10.20.0.50',
    gateway: '10.20.0.1',
    dns: ['10.20.0.1'],
  })
  const group = await kit.groups.add({ name: 'team-a', networks: [network.key], clusters: [cluster.key] })
  await kit.contingents.set(group.key, { vm: 3, cpu: 6, memory: 6144, disk: 61_440 })
  const ann = { ...admin, name: 'ann' }
  const bob = { ...admin, name: 'bob' }
  const ours = await kit.users.add({ ...ann, permissionGroups: ['user'] })
  const theirs = await kit.users.add({ ...bob, permissionGroups: ['user'] })
  await kit.groups.update(group.key, { users: [ours.key] })
  await kit.groups.add({ name: 'team-b', users: [theirs.key] })
  const oskey = kit.catalog.find('debian-12')!.key
  const machine = (name: string, more: Fields = {}): Fields => ({
    name,
    owner: group.key,
    cpu: 2,
    ram: '2GB',
    oskey,
    clusterkey: cluster.key,
    disc: '20GB',
    datastore: 'auto',
    ...more,
  })
  return {
    ...lab,
    cluster: cluster.key,
    network: network.key,
    group: group.key,
    oskey,
    ann,
    bob,
    machine,
    deploy: async (name) => {
      const { key } = (await lab.call('POST', '/virtualmachines', machine(name, { networks: [network.key] }))).body
      const { body } = await lab.call('POST', `/virtualmachines/${key}/install`, { password })
      await kit.operations.wait(body.operation)
      return key
    },
  }
}
