import type { InventoryOperations, MachineInfo } from '@virtkit/spi'
import type { Session } from '../session.ts'
import { freeMemoryMiB, freeMiB } from '../world/capacity.ts'
import { throwProblems, wholeNumberProblems } from '../world/input.ts'
import { defined } from '../world/machine-spec.ts'
import { machineInfo } from '../world/machine-view.ts'
import { resolvePlacement } from '../world/placement.ts'

export function inventoryOperations(session: Session): InventoryOperations {
  const { state } = session.simulator.core
  return {
    defaults: (call) =>
      session.perform({
        method: 'inventory.defaults',
        call,
        run: () => {
          const site = resolvePlacement(state, {}, [])
          const datacenter = site?.datacenter ?? state.datacenters[0]
          const resourcePool = state.resourcePools.find((pool) => pool.datacenter === datacenter)?.name
          return defined({ datacenter, resourcePool, host: site?.hosts[0]?.name, datastore: site?.datastore.name })
        },
      }),
    datacenters: (call) =>
      session.perform({
        method: 'inventory.datacenters',
        call,
        run: () => state.datacenters.map((name) => ({ name })),
      }),
    hosts: (call) =>
      session.perform({
        method: 'inventory.hosts',
        call,
        run: () => state.hosts.map((host) => ({ ...host, freeMemoryMiB: freeMemoryMiB(state, host) })),
      }),
    resourcePools: (call) =>
      session.perform({
        method: 'inventory.resourcePools',
        call,
        run: () => state.resourcePools.map((pool) => ({ ...pool })),
      }),
    datastores: (call) =>
      session.perform({
        method: 'inventory.datastores',
        call,
        run: () => state.datastores.map((datastore) => ({ ...datastore, freeMiB: freeMiB(state, datastore) })),
      }),
    networks: (call) =>
      session.perform({
        method: 'inventory.networks',
        call,
        run: () => state.networks.map((network) => ({ ...network })),
      }),
    machines: async function* ({ pageSize }, call) {
      throwProblems(wholeNumberProblems('pageSize', pageSize, 1))
      // The number of the last one delivered is the place in the list: what comes and goes meanwhile moves nothing.
      for (let last = 0; ;) {
        const page = await session.perform({ method: 'inventory.machines', call, run: () => pageAfter(last, pageSize) })
        if (page.machines.length > 0) yield page.machines
        if (page.last === undefined) return
        last = page.last
      }
    },
  }

  function pageAfter(last: number, pageSize: number): { machines: readonly MachineInfo[]; last?: number } {
    const machines: MachineInfo[] = []
    let end = last
    for (const machine of state.machines.values()) {
      if (machine.sequence <= last) continue
      if (machines.length === pageSize) return { machines, last: end }
      machines.push(machineInfo(machine))
      end = machine.sequence
    }
    return { machines }
  }
}
