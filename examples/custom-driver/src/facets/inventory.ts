import type { InventoryOperations } from '@virtkit/spi'
import type { Asking } from '../asking.ts'
import { toMachine } from './machines.ts'

export function acmeInventory(asking: Asking): InventoryOperations {
  return {
    defaults: (call) => asking.read(call, '', async () => ({ host: 'node-1', datastore: 'ssd' })),
    datacenters: (call) => asking.read(call, '', async () => []),
    resourcePools: (call) => asking.read(call, '', async () => []),
    networks: (call) =>
      asking.read(call, '', async (_, cloud) => cloud.lans.map((name) => ({ name, kind: 'virtual' as const }))),
    async hosts(call) {
      const { nodes } = await asking.read(call, '', (ask, cloud) => cloud.usage(ask))
      return nodes.map(({ name, ramMb, freeMb }) => ({
        name,
        online: true,
        cpus: 32,
        memoryMiB: ramMb,
        freeMemoryMiB: freeMb,
      }))
    },
    async datastores(call) {
      const { pools } = await asking.read(call, '', (ask, cloud) => cloud.usage(ask))
      const same = { type: 'acme-pool', writable: true, hosts: [], holds: ['disks' as const] }
      return pools.map(({ name, mb, freeMb }) => ({ ...same, name, capacityMiB: mb, freeMiB: freeMb }))
    },
    async *machines({ pageSize }, call) {
      // Pages go on after the last id seen, so what comes and goes meanwhile neither doubles nor hides another.
      for (let last = ''; ;) {
        const page = await asking.read(call, '', (ask, cloud) => cloud.list(last, pageSize, ask))
        if (page.length > 0) yield page.map(toMachine)
        if (page.length < pageSize) return
        last = page.at(-1)?.id ?? last
      }
    },
  }
}
