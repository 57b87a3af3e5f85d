import type { Client, OutputOf } from '@virtkit/rest/client'
import type { Contract } from '@virtkit/rest/contract'
import { invalidInput } from '@virtkit/spi'
import { pick } from './pick.ts'

export type Cluster = OutputOf<Contract['clusters']['get']>
export type Network = OutputOf<Contract['networks']['get']>
export type Group = OutputOf<Contract['usergroups']['get']>
export type Machine = OutputOf<Contract['virtualMachines']['get']>
export type Operation = OutputOf<Contract['operations']['get']>
export type OperatingSystem = OutputOf<Contract['operatingSystems']['get']>

// What people call things, found by name or key. A key alone needs no name to be unique.

export async function findCluster(client: Client, given: string): Promise<Cluster> {
  const list = 'virtkit clusters list'
  return pick(await client.clusters.list(), given, { what: 'cluster', name: ({ name }) => name, list })
}

/** Clusters may have networks of one name: then it is said as `lab/lan`. */
export async function findNetwork(client: Client, given: string, of?: { readonly cluster: number }): Promise<Network> {
  const all = (await client.networks.list()).filter(({ cluster }) => of === undefined || cluster === of.cluster)
  const slash = given.indexOf('/')
  const list = 'virtkit networks list'
  const isOther = slash < 0 || all.some(({ name }) => name === given)
  if (isOther) return pick(all, given, { what: 'network', name: ({ name }) => name, list })
  const { key } = await findCluster(client, given.slice(0, slash))
  const there = all.filter(({ cluster }) => cluster === key)
  return pick(there, given.slice(slash + 1), { what: 'network', name: ({ name }) => name, list })
}

export async function findGroup(client: Client, given: string): Promise<Group> {
  const list = 'virtkit groups list'
  return pick(await client.usergroups.list(), given, { what: 'group', name: ({ groupname }) => groupname, list })
}

export async function findSystem(client: Client, given: string): Promise<OperatingSystem> {
  const systems = await client.operatingSystems.list()
  const found = systems.find(({ id, name, key }) => [id, name, String(key)].includes(given))
  if (found) return found
  const some = systems.slice(0, 5).map(({ id }) => id)
  const hint =
    systems.length > 0 ? `for example ${some.join(', ')}` : 'the server has no install media: virtkit serve --boot-host'
  throw invalidInput([{ field: '--os', problem: `there is no operating system ${JSON.stringify(given)}`, hint }])
}

/** Asks for those alone: there may be many. */
export async function findMachine(client: Client, given: string): Promise<Machine> {
  const isKey = /^[1-9]\d{0,9}$/.test(given) && Number(given) <= 2_147_483_647
  const named = await client.virtualMachines.list({ name: given })
  const keyed = isKey ? await client.virtualMachines.list({ key: Number(given) }) : []
  const list = 'virtkit machines list'
  return pick([...named, ...keyed.filter(({ key }) => named.every((each) => each.key !== key))], given, {
    what: 'machine',
    name: ({ name }) => name,
    list,
  })
}
