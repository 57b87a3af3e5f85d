import assert from 'node:assert/strict'
import type { NamedItem } from '../../driver/inventory-operations.ts'
import type { DriverCase } from '../driver-case.ts'

export const inventoryCases: readonly DriverCase[] = [
  {
    id: 'inventory.hosts',
    name: 'hosts have names, cpus and memory that can be',
    needs: [],
    promise: 'inventory.hosts: complete, and sizes are exact',
    async run({ hypervisor, signal }) {
      const hosts = await hypervisor.inventory.hosts({ signal })
      assertDistinct(hosts)
      for (const host of hosts) {
        assert.equal(typeof host.online, 'boolean')
        assert.ok(Number.isInteger(host.cpus) && host.cpus >= 1, `${host.name} has ${host.cpus} cpus`)
        assertMiB(host.memoryMiB, `memoryMiB of ${host.name}`)
        assertMiB(host.freeMemoryMiB, `freeMemoryMiB of ${host.name}`)
        assert.ok(host.freeMemoryMiB <= host.memoryMiB, `${host.name} has more memory free than it has`)
      }
    },
  },
  {
    id: 'inventory.datastores',
    name: 'datastores have names, sizes that can be, and hosts that exist',
    needs: [],
    promise: 'inventory.datastores: complete, and sizes are exact',
    async run({ hypervisor, signal }) {
      const datastores = await hypervisor.inventory.datastores({ signal })
      const hosts = (await hypervisor.inventory.hosts({ signal })).map((host) => host.name)
      assert.ok(datastores.length > 0, 'there is no datastore')
      assertDistinct(datastores)
      for (const store of datastores) {
        assertMiB(store.capacityMiB, `capacityMiB of ${store.name}`)
        assertMiB(store.freeMiB, `freeMiB of ${store.name}`)
        assert.ok(store.freeMiB <= store.capacityMiB, `${store.name} has more free than it holds`)
        assert.ok(store.type.length > 0, `${store.name} has no type`)
        assert.equal(typeof store.writable, 'boolean')
        for (const host of store.hosts)
          assert.ok(hosts.includes(host), `${store.name} is reached by an unknown host ${host}`)
        for (const what of store.holds) assert.ok(['disks', 'media'].includes(what), `${store.name} holds ${what}`)
      }
    },
  },
  {
    id: 'inventory.media-store',
    name: 'a hypervisor with media has a datastore that holds them',
    needs: ['media'],
    promise: 'DatastoreInfo.holds: what it may hold',
    async run({ hypervisor, signal }) {
      const datastores = await hypervisor.inventory.datastores({ signal })
      assert.ok(datastores.some((store) => store.writable && store.holds.includes('media')))
    },
  },
  {
    id: 'inventory.networks',
    name: 'networks have names, a known kind, and a vlan that can be',
    needs: [],
    promise: 'inventory.networks: complete',
    async run({ hypervisor, signal }) {
      const networks = await hypervisor.inventory.networks({ signal })
      assert.ok(networks.length > 0, 'there is no network')
      assertDistinct(networks)
      for (const { name, kind, vlan } of networks) {
        assert.ok(['bridge', 'port-group', 'distributed-port-group', 'virtual'].includes(kind), `${name} is a ${kind}`)
        if (vlan !== undefined) assert.ok(Number.isInteger(vlan) && vlan >= 0 && vlan <= 4095, `${name} has vlan ${vlan}`)
      }
    },
  },
  {
    id: 'inventory.defaults-listed',
    name: 'every default is a thing that the lists have',
    needs: [],
    promise: 'inventory.defaults: every name that it returns is one that `machines.create` accepts',
    async run({ hypervisor, signal }) {
      const { inventory } = hypervisor
      const { datacenter, resourcePool, host, datastore } = await inventory.defaults({ signal })
      const listed = (name: string | undefined, items: readonly NamedItem[]): boolean =>
        name === undefined || items.some((item) => item.name === name)
      assert.ok(listed(datacenter, await inventory.datacenters({ signal })), `no datacenter ${datacenter} is listed`)
      assert.ok(
        listed(resourcePool, await inventory.resourcePools({ signal })),
        `no resource pool ${resourcePool} is listed`,
      )
      assert.ok(listed(host, await inventory.hosts({ signal })), `no host ${host} is listed`)
      assert.ok(listed(datastore, await inventory.datastores({ signal })), `no datastore ${datastore} is listed`)
    },
  },
  {
    id: 'inventory.datacenters',
    name: 'what names a datacenter names one that is listed',
    needs: [],
    promise: 'inventory.datacenters, inventory.resourcePools: complete',
    async run({ hypervisor, signal }) {
      const { inventory } = hypervisor
      const datacenters = (await inventory.datacenters({ signal })).map((item) => item.name)
      const pools = await inventory.resourcePools({ signal })
      assertDistinct(pools)
      const items = [...pools, ...(await inventory.hosts({ signal })), ...(await inventory.datastores({ signal }))]
      for (const { name, datacenter } of items) {
        assert.ok(datacenter === undefined || datacenters.includes(datacenter), `${name} is in an unknown ${datacenter}`)
      }
    },
  },
  {
    id: 'inventory.thin-space',
    name: 'an empty thin disk takes less than its size',
    needs: [],
    promise: 'inventory.datastores: `freeMiB` counts what is allocated, thin disks by what they hold',
    async run(lab) {
      const { datastore } = await lab.place()
      const free = async (): Promise<number> => {
        const all = await lab.hypervisor.inventory.datastores(lab.call())
        return all.find((store) => store.name === datastore)?.freeMiB ?? assert.fail(`${datastore} is not listed`)
      }
      const before = await free()
      await lab.create({ disks: [{ sizeMiB: 4096, provisioning: 'thin' }] })
      assert.ok(before - (await free()) < 2048, 'an empty thin disk counts by its size')
    },
  },
]

function assertMiB(value: number, what: string): void {
  assert.ok(Number.isSafeInteger(value) && value >= 0, `${what} is ${value}`)
}

function assertDistinct(items: readonly NamedItem[]): void {
  const names = items.map((item) => `${item.datacenter ?? ''}/${item.name}`)
  assert.ok(
    items.every((item) => item.name.length > 0),
    'something has no name',
  )
  assert.equal(new Set(names).size, names.length, `listed twice: ${names.join(', ')}`)
}
