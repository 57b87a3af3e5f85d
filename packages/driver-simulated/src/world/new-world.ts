import { invalidInput } from '@virtkit/spi'
import type { WorldOptions } from './world-options.ts'
import type { WorldState } from './world-state.ts'

/** The state of a new world, without its machines. Throws `INVALID_INPUT` for names that clash or point nowhere. */
export function newWorld(options: WorldOptions = {}): WorldState {
  const datacenters = [...(options.datacenters ?? ['dc-1'])]
  const home = datacenters[0]
  if (home === undefined) throw invalidInput([{ field: 'datacenters', problem: 'a world needs at least one' }])
  const inside = <T extends { readonly datacenter?: string }>(item: T): string => item.datacenter ?? home
  const state: WorldState = {
    format: 1,
    seed: options.seed ?? 1,
    counter: 0,
    datacenters,
    hosts: (options.hosts ?? [{ name: 'host-1' }, { name: 'host-2' }]).map((host) => ({
      name: host.name,
      datacenter: inside(host),
      online: host.online ?? true,
      cpus: host.cpus ?? 32,
      memoryMiB: host.memoryMiB ?? 131_072,
    })),
    resourcePools: (options.resourcePools ?? [{ name: 'pool-1' }]).map((pool) => ({
      name: pool.name,
      datacenter: inside(pool),
    })),
    datastores: (options.datastores ?? [{ name: 'ds-1' }, { name: 'ds-2' }]).map((store) => ({
      name: store.name,
      datacenter: inside(store),
      type: store.type ?? 'simulated',
      writable: store.writable ?? true,
      capacityMiB: store.capacityMiB ?? 2_097_152,
      hosts: [...(store.hosts ?? [])],
      holds: [...(store.holds ?? (['disks', 'media'] as const))],
    })),
    networks: (options.networks ?? [{ name: 'lan' }, { name: 'dmz' }]).map((network) => ({
      name: network.name,
      datacenter: inside(network),
      kind: network.kind ?? 'bridge',
      ...(network.vlan === undefined ? {} : { vlan: network.vlan }),
    })),
    machines: new Map(),
    media: new Map(),
    changes: [],
    lastChange: 0,
  }
  checkNames(state)
  return state
}

function checkNames(state: WorldState): void {
  const problems: { field: string; problem: string }[] = []
  for (const field of ['hosts', 'resourcePools', 'datastores', 'networks'] as const) {
    const seen = new Set<string>()
    for (const item of state[field]) {
      const id = `${item.datacenter}/${item.name}`
      if (seen.has(id)) problems.push({ field, problem: `${item.name} is there twice` })
      seen.add(id)
      if (!state.datacenters.includes(item.datacenter)) {
        problems.push({ field, problem: `${item.name} is in ${item.datacenter}, which is no datacenter of this world` })
      }
    }
  }
  if (problems.length > 0) throw invalidInput(problems)
}
