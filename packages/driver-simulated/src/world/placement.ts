import { VirtkitError, type InputProblem, type Placement } from '@virtkit/spi'
import { freeMemoryMiB, freeMiB, hostLacks } from './capacity.ts'
import type { DatastoreState, HostState, MachineState, WorldState } from './world-state.ts'

export interface Site {
  readonly datacenter: string
  /** Hosts that come into question, best first; at least one. */
  readonly hosts: readonly HostState[]
  readonly pinned: boolean
  readonly datastore: DatastoreState
  readonly resourcePool?: string
  readonly folder?: string
}

/** Turns names, or their absence, into places. Adds to `problems` what cannot be found, and then answers nothing. */
export function resolvePlacement(state: WorldState, placement: Placement, problems: InputProblem[]): Site | undefined {
  const before = problems.length
  const miss = (field: string, name: string, what: string, known: readonly string[]): void => {
    problems.push({ field, problem: `there is no ${what} ${JSON.stringify(name)}`, hint: `known: ${known.join(', ')}` })
  }
  const named = <T extends { readonly name: string; readonly datacenter: string }>(
    field: 'host' | 'datastore' | 'resourcePool',
    what: string,
    items: readonly T[],
  ): T | undefined => {
    const name = placement[field]
    if (name === undefined) return undefined
    const found = items.find(
      (item) => item.name === name && (placement.datacenter === undefined || item.datacenter === placement.datacenter),
    )
    if (!found) miss(field, name, what, [...new Set(items.map((item) => item.name))])
    return found
  }
  if (placement.datacenter !== undefined && !state.datacenters.includes(placement.datacenter)) {
    miss('datacenter', placement.datacenter, 'datacenter', state.datacenters)
    return undefined
  }
  const host = named('host', 'host', state.hosts)
  const wanted = named('datastore', 'datastore', state.datastores)
  const pool = named('resourcePool', 'resource pool', state.resourcePools)
  if (problems.length > before) return undefined

  const datacenter =
    placement.datacenter ?? host?.datacenter ?? wanted?.datacenter ?? pool?.datacenter ?? state.datacenters[0]!
  for (const [field, item] of [
    ['host', host],
    ['datastore', wanted],
    ['resourcePool', pool],
  ] as const) {
    if (item && item.datacenter !== datacenter) problems.push({ field, problem: `${item.name} is not in ${datacenter}` })
  }
  if (host && !host.online) problems.push({ field: 'host', problem: `${host.name} is offline` })
  const datastore = wanted ?? roomiestDatastore(state, datacenter, host)
  if (!datastore) problems.push({ field: 'datastore', problem: `${datacenter} has no datastore that takes disks` })
  else problems.push(...datastoreProblems('datastore', datastore, host))
  const hosts = host ? [host] : hostsByRoom(state, datacenter).filter((one) => datastore && reaches(datastore, one.name))
  if (hosts.length === 0 && datastore) {
    problems.push({ field: 'host', problem: `no host in ${datacenter} is online and reaches ${datastore.name}` })
  }
  if (problems.length > before || !datastore) return undefined
  return {
    datacenter,
    hosts,
    pinned: host !== undefined,
    datastore,
    ...(pool ? { resourcePool: pool.name } : {}),
    ...(placement.folder === undefined ? {} : { folder: placement.folder }),
  }
}

export function datastoreProblems(field: string, datastore: DatastoreState, host?: HostState): InputProblem[] {
  if (!datastore.writable) return [{ field, problem: `${datastore.name} is read-only` }]
  if (!datastore.holds.includes('disks')) return [{ field, problem: `${datastore.name} does not take disks` }]
  if (host && !reaches(datastore, host.name)) return [{ field, problem: `${host.name} does not reach ${datastore.name}` }]
  return []
}

export function reaches(datastore: DatastoreState, host: string): boolean {
  return datastore.hosts.length === 0 || datastore.hosts.includes(host)
}

function roomiestDatastore(state: WorldState, datacenter: string, host?: HostState): DatastoreState | undefined {
  let best: { readonly datastore: DatastoreState; readonly free: number } | undefined
  for (const datastore of state.datastores) {
    if (datastore.datacenter !== datacenter || datastoreProblems('datastore', datastore, host).length > 0) continue
    const free = freeMiB(state, datastore)
    if (!best || free > best.free) best = { datastore, free }
  }
  return best?.datastore
}

/** Hosts that are online, the one with most free memory first. */
function hostsByRoom(state: WorldState, datacenter: string): HostState[] {
  return state.hosts
    .filter((host) => host.datacenter === datacenter && host.online)
    .map((host) => ({ host, free: freeMemoryMiB(state, host) }))
    .toSorted((a, b) => b.free - a.free)
    .map(({ host }) => host)
}

/** The first host that is big enough for such a machine, running or not. Throws `HOST_RESOURCES`. */
export function hostFor(hosts: readonly HostState[], size: { cpus: number; memoryMiB: number }): HostState {
  const found = hosts.find((host) => host.cpus >= size.cpus && host.memoryMiB >= size.memoryMiB)
  if (found) return found
  const biggest = hosts.toSorted((a, b) => b.memoryMiB - a.memoryMiB)[0]!
  throw biggest.cpus < size.cpus
    ? hostLacks(biggest.name, 'cpus', biggest.cpus, size.cpus)
    : hostLacks(biggest.name, 'memoryMiB', biggest.memoryMiB, size.memoryMiB)
}

/** Where the machine can start now: on its host, or on another that reaches its disks unless it is pinned. */
export function hostToStart(state: WorldState, machine: MachineState, memoryMiB: number = machine.memoryMiB): string {
  const own = state.hosts.find((host) => host.name === machine.host && host.datacenter === machine.datacenter)
  const others = machine.pinned ? [] : hostsByRoom(state, machine.datacenter)
  for (const host of own ? [own, ...others] : others) {
    if (!host.online || host.cpus < machine.cpus || freeMemoryMiB(state, host, machine) < memoryMiB) continue
    const reached = machine.disks.every((disk) => {
      const datastore = state.datastores.find((one) => one.name === disk.datastore)
      return datastore === undefined || reaches(datastore, host.name)
    })
    if (reached) return host.name
  }
  if (own && !own.online && machine.pinned) {
    throw new VirtkitError('HYPERVISOR_REFUSED', `Host ${own.name} is offline.`, { details: { reason: 'host offline' } })
  }
  throw hostLacks(machine.host, 'memoryMiB', own?.online ? freeMemoryMiB(state, own, machine) : 0, memoryMiB)
}
