import { type InventoryOperations, type MachineInfo, type NetworkInfo, invalidInput } from '@virtkit/spi'
import { type Found, retrieveBelow } from '../client/retrieve.ts'
import { at, numberAt, refAt, textAt } from '../client/xml/xml-tree.ts'
import { inWords } from '../machines/find-machine.ts'
import { machinePaths } from '../machines/machine-view.ts'
import { choosePlace, freeMiB, isOnline, isWritable, reaches } from '../places/choose-place.ts'
import type { Place, Places } from '../places/places.ts'
import type { Work } from '../session.ts'
import type { Context } from './context.ts'

/** How many machines are asked for at once where only little is read of each. */
const countPageSize = 1000

export function inventoryOperations({ session, book, maker }: Context): InventoryOperations {
  const { client } = session
  const within = (places: Places, place: Place): { datacenter?: string } => {
    const datacenter = places.datacenterOf(place)
    return datacenter === undefined ? {} : { datacenter: datacenter.name }
  }
  return {
    defaults: (call) =>
      session.perform(call, undefined, async ({ signal }) => {
        const places = await book.places(signal, true)
        const chosen = choosePlace(places, {}, maker.datacenter, [])
        if (!chosen) return {}
        const pool = places.get(chosen.pool)
        return {
          datacenter: chosen.datacenter.name,
          ...(pool === undefined ? {} : { resourcePool: places.poolName(pool) }),
          ...(chosen.host === undefined ? {} : { host: chosen.host.name }),
          datastore: chosen.datastore.name,
        }
      }),
    datacenters: (call) =>
      session.perform(call, undefined, async ({ signal }) =>
        (await book.places(signal, true)).datacenters().map(({ name }) => ({ name })),
      ),
    hosts: (call) =>
      session.perform(call, undefined, async (work) => {
        const places = await book.places(work.signal, true)
        const promised = await promisedMiB(work)
        return places.hosts().map((host) => {
          const bytes = numberAt(host.properties['summary.hardware.memorySize']) ?? 0
          const memoryMiB = Math.floor(bytes / 1024 / 1024)
          return {
            name: host.name,
            ...within(places, host),
            online: isOnline(host),
            cpus: numberAt(host.properties['summary.hardware.numCpuThreads']) ?? 0,
            memoryMiB,
            freeMemoryMiB: Math.max(0, memoryMiB - (promised.get(host.ref.id) ?? 0)),
          }
        })
      }),
    resourcePools: (call) =>
      session.perform(call, undefined, async ({ signal }) => {
        const places = await book.places(signal, true)
        return places.pools().map((pool) => ({ name: places.poolName(pool), ...within(places, pool) }))
      }),
    datastores: (call) =>
      session.perform(call, undefined, async ({ signal }) => {
        const places = await book.places(signal, true)
        return places.datastores().map((store) => {
          const capacityMiB = Math.floor((numberAt(store.properties['summary'], 'capacity') ?? 0) / 1024 / 1024)
          return {
            name: store.name,
            ...within(places, store),
            type: textAt(store.properties['summary'], 'type') ?? 'unknown',
            writable: isWritable(store),
            capacityMiB,
            freeMiB: Math.min(Math.max(0, freeMiB(store)), capacityMiB),
            hosts: hostsThatReach(places, store),
            holds: ['disks', 'media'] as const,
          }
        })
      }),
    networks: (call) =>
      session.perform(call, undefined, async ({ signal }) => {
        const places = await book.places(signal, true)
        return places.networks().map((network) => networkInfo(network, within(places, network)))
      }),
    machines: ({ pageSize }, call) => {
      const perform = async function* (): AsyncGenerator<readonly MachineInfo[]> {
        if (!Number.isSafeInteger(pageSize) || pageSize < 1) {
          throw invalidInput([{ field: 'pageSize', problem: 'must be a whole number of at least 1' }])
        }
        const linked = session.link(call.signal)
        // One server-side list lives as long as the loop; each step of it is a call of its own.
        const pages = retrieveBelow(
          client,
          client.service('rootFolder'),
          [{ type: 'VirtualMachine', pathSet: machinePaths }],
          pageSize,
          { signal: linked.signal },
        )
        try {
          for (;;) {
            const page = await session.perform(call, undefined, async (work) => {
              const next = await pages.next()
              if (next.done) return undefined
              const here: MachineInfo[] = []
              // What is just coming or going has no configuration.
              for (const found of next.value.filter(isWhole)) here.push(await inWords(work, book, found))
              return here
            })
            if (page === undefined) return
            if (page.length > 0) yield page
          }
        } finally {
          await pages.return(undefined)
          linked.release()
        }
      }
      return perform()
    },
  }
}

function isWhole({ properties }: Found): boolean {
  return properties['config.hardware.memoryMB'] !== undefined
}

/** Memory that running machines were promised, by host. */
async function promisedMiB(work: Work): Promise<ReadonlyMap<string, number>> {
  const promised = new Map<string, number>()
  const pathSet = ['runtime.host', 'runtime.powerState', 'summary.config.memorySizeMB']
  const { client, options } = work
  const wanted = [{ type: 'VirtualMachine', pathSet }]
  for await (const page of retrieveBelow(client, client.service('rootFolder'), wanted, countPageSize, options)) {
    for (const { properties } of page) {
      if (textAt(properties['runtime.powerState']) !== 'poweredOn') continue
      const host = refAt(properties['runtime.host'])?.id ?? ''
      promised.set(host, (promised.get(host) ?? 0) + (numberAt(properties['summary.config.memorySizeMB']) ?? 0))
    }
  }
  return promised
}

/** Empty when all hosts of its datacenter do. */
function hostsThatReach(places: Places, store: Place): readonly string[] {
  const datacenter = places.datacenterOf(store)
  const here = places.hosts().filter((host) => places.datacenterOf(host)?.ref.id === datacenter?.ref.id)
  const reaching = here.filter((host) => reaches(host, store))
  return reaching.length === here.length ? [] : reaching.map((host) => host.name)
}

function networkInfo(network: Place, within: { datacenter?: string }): NetworkInfo {
  const { name, ref, properties } = network
  if (ref.moType === 'DistributedVirtualPortgroup') {
    // A trunk is a list of ranges, which is no one number.
    const vlan = numberAt(at(properties['config'], 'defaultPortConfig.vlan'), 'vlanId')
    return { name, ...within, kind: 'distributed-port-group', ...(vlan === undefined || vlan === 0 ? {} : { vlan }) }
  }
  return { name, ...within, kind: ref.moType === 'OpaqueNetwork' ? 'virtual' : 'port-group' }
}
