import type { InputProblem, Placement } from '@virtkit/spi'
import { flagAt, listAt, numberAt, refAt, textAt } from '../client/xml/xml-tree.ts'
import type { MoRef } from '../client/xml/xml-tree.ts'
import type { Place, Places } from './places.ts'

/** Where a machine goes. */
export interface Chosen {
  readonly datacenter: Place
  readonly folder: MoRef
  readonly pool: MoRef
  /** Only where one was asked for, or where there is no choice. */
  readonly host: Place | undefined
  /** Hosts that it may run on. */
  readonly hosts: readonly Place[]
  readonly datastore: Place
}

/** Finds the place that names stand for; what is left out is chosen. Undefined when there is a problem, which it has told. */
export function choosePlace(
  places: Places,
  placement: Placement,
  preferred: string | undefined,
  problems: InputProblem[],
): Chosen | undefined {
  const before = problems.length
  const refuse = (field: string, what: string, name: string, known: readonly string[]): undefined => {
    const problem = `there is no ${what} ${JSON.stringify(name)}`
    problems.push({ field: `placement.${field}`, problem, hint: `known: ${known.slice(0, 20).join(', ')}` })
  }
  const named = (field: string, what: string, name: string | undefined, among: readonly Place[]): Place | undefined => {
    if (name === undefined) return undefined
    return (
      among.find((place) => place.name === name) ??
      refuse(
        field,
        what,
        name,
        among.map((place) => place.name),
      )
    )
  }
  const within = (among: readonly Place[], datacenter: Place | undefined): readonly Place[] =>
    among.filter((place) => datacenter === undefined || places.datacenterOf(place)?.ref.id === datacenter.ref.id)

  const asked = named('datacenter', 'datacenter', placement.datacenter, places.datacenters())
  const host = named('host', 'host', placement.host, within(places.hosts(), asked))
  const pools = within(places.pools(), asked)
  const pool = pools.find((each) => places.poolName(each) === placement.resourcePool)
  if (placement.resourcePool !== undefined && !pool) {
    refuse(
      'resourcePool',
      'resource pool',
      placement.resourcePool,
      pools.map((each) => places.poolName(each)),
    )
  }
  const asksStore = named('datastore', 'datastore', placement.datastore, within(places.datastores(), asked))
  if (problems.length > before) return undefined

  const datacenter =
    asked ??
    places.datacenterOf(host ?? pool ?? asksStore) ??
    places.datacenters().find((each) => each.name === preferred) ??
    places.datacenters()[0]
  const compute = places.computeOf(host ?? pool) ?? defaultCompute(places, datacenter, asksStore)
  const hosts = host ? [host] : compute ? hostsOf(places, compute) : []
  const store = asksStore ?? defaultDatastore(places, hosts)
  const folder = datacenter && folderAt(places, datacenter, placement.folder)
  if (datacenter && placement.folder !== undefined && !folder) refuse('folder', 'folder', placement.folder, [])
  if (!datacenter || !compute || hosts.length === 0) {
    problems.push({ field: 'placement', problem: 'there is no host that is online to put a machine on' })
  } else if (!store) {
    problems.push({ field: 'placement.datastore', problem: 'there is no datastore that these hosts can write to' })
  } else if (!hosts.some((each) => reaches(each, store))) {
    problems.push({ field: 'placement.datastore', problem: `${store.name} is not reached from there` })
  }
  const root = refAt(compute?.properties['resourcePool'])
  if (problems.length > before || !datacenter || !store || !folder || !root) return undefined
  const only = host ?? (hosts.length === 1 && compute?.ref.moType === 'ComputeResource' ? hosts[0] : undefined)
  return { datacenter, folder, pool: pool?.ref ?? root, host: only, hosts, datastore: store }
}

/** Whether a host can use a datastore. */
export function reaches(host: Place, datastore: Place): boolean {
  return listAt(host.properties['datastore']).some((each) => refAt(each)?.id === datastore.ref.id)
}

export function isOnline(host: Place): boolean {
  return (
    textAt(host.properties['runtime.connectionState']) === 'connected' &&
    !flagAt(host.properties['runtime.inMaintenanceMode'])
  )
}

export function isWritable(datastore: Place): boolean {
  const { summary } = datastore.properties
  const mode = textAt(summary, 'maintenanceMode')
  return flagAt(summary, 'accessible') && (mode === undefined || mode === 'normal')
}

export function hostsOf(places: Places, compute: Place): readonly Place[] {
  return places.hosts().filter((host) => host.parent?.id === compute.ref.id && isOnline(host))
}

/** Clusters before single hosts. */
export function defaultCompute(places: Places, datacenter: Place | undefined, datastore?: Place): Place | undefined {
  const here = places.computes().filter((each) => {
    if (datacenter && places.datacenterOf(each)?.ref.id !== datacenter.ref.id) return false
    return hostsOf(places, each).some((host) => datastore === undefined || reaches(host, datastore))
  })
  return here.find((each) => each.ref.moType === 'ClusterComputeResource') ?? here[0]
}

/** The one with the most free space that all these hosts reach; else that some of them do. */
export function defaultDatastore(places: Places, hosts: readonly Place[]): Place | undefined {
  const reached = places
    .datastores()
    .filter((each) => isWritable(each) && hosts.some((host) => reaches(host, each)))
    .toSorted((a, b) => freeBytes(b) - freeBytes(a))
  return reached.find((each) => hosts.every((host) => reaches(host, each))) ?? reached[0]
}

export function freeBytes(datastore: Place): number {
  return numberAt(datastore.properties['summary'], 'freeSpace') ?? 0
}

export function freeMiB(datastore: Place): number {
  return Math.floor(freeBytes(datastore) / 1024 / 1024)
}

/** The datacenter's folder of machines, or one below it: `team-a/web`. */
function folderAt(places: Places, datacenter: Place, path: string | undefined): MoRef | undefined {
  let here = refAt(datacenter.properties['vmFolder'])
  for (const name of path?.split('/').filter((each) => each !== '') ?? []) {
    here = places.ofType('Folder').find((each) => each.name === name && each.parent?.id === here?.id)?.ref
    if (!here) return undefined
  }
  return here
}
