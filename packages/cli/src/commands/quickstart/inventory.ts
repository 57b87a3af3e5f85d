import type { Amount, Virtkit } from '@virtkit/core'
import type { Tell } from './quickstart-events.ts'
import type { World } from './world.ts'

/** Tells what there is: machines, addresses, and what of the contingent is used. */
export async function tellInventory(kit: Virtkit, { group, network }: World, tell: Tell): Promise<void> {
  const machines = await kit.machines.list({ owner: group.key })
  const rows = machines.map(
    async ({ key, name, state, networks, cpus, memoryMiB, diskMiB, placedDatastore, datastore }) => {
      const { power, addresses } = await kit.machines.info(key)
      const address = addresses[0] ?? networks[0]?.ip ?? ''
      return { name, state, power, address, cpus, memoryMiB, diskMiB, datastore: placedDatastore ?? datastore }
    },
  )
  tell({ event: 'inventory', machines: await Promise.all(rows) })

  const entries = await kit.networks.addresses(network.key)
  const addresses = entries.map(({ address, state }) => {
    const holder = machines.find(({ networks }) => networks.some(({ ip }) => ip === address))
    const card = holder?.networks.find(({ ip }) => ip === address)
    return { address, state, machine: holder?.name ?? '', mac: card?.mac ?? '' }
  })
  tell({ event: 'addresses', network: network.name, cidr: network.cidr ?? '', addresses })

  const contingent = await kit.contingents.ofGroup(group.key)
  if (!contingent) return
  const { limits, used, reserved } = contingent
  const dimensions = (Object.keys(limits) as (keyof Amount)[]).map((dimension) => ({
    dimension,
    limit: limits[dimension],
    used: used[dimension],
    reserved: reserved[dimension],
  }))
  tell({ event: 'usage', group: group.name, dimensions })
}
