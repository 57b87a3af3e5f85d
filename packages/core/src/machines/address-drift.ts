import type { Queries } from '../database/database.ts'
import type { Addresses } from '../networks/addresses.ts'
import type { AddressDrift } from './machine-networks.ts'

/**
 * Holds network cards against the address book, by whoever keeps it. The two are not read at one moment: what differs is looked
 * at again, and counts when it still does.
 */
export async function findAddressDrift(addresses: Addresses, queries: Queries): Promise<readonly AddressDrift[]> {
  const first = await look(addresses, queries)
  if (first.length === 0) return []
  const again = new Set((await look(addresses, queries)).map((each) => JSON.stringify(each)))
  return first.filter((each) => again.has(JSON.stringify(each)))
}

async function look(addresses: Addresses, queries: Queries): Promise<readonly AddressDrift[]> {
  const networks = await queries.selectFrom('networks').select('key').orderBy('key').execute()
  const cards = await queries
    .selectFrom('machineNetworks')
    .select(['key', 'machineKey', 'networkKey', 'ip'])
    .where('ip', 'is not', null)
    .orderBy('key')
    .execute()
  const found: AddressDrift[] = []
  for (const { key: network } of networks) {
    const entries = await addresses.list(queries, network)
    const used = new Map(entries.filter(({ state }) => state === 'used').map(({ address, owner }) => [owner, address]))
    for (const card of cards) {
      if (card.networkKey !== network) continue
      const owner = `nic/${card.key}`
      const recorded = used.get(owner)
      used.delete(owner)
      if (recorded !== card.ip) {
        const { key, machineKey: machine } = card
        found.push({ network, machine, card: key, actual: card.ip ?? '', ...(recorded !== undefined && { recorded }) })
      }
    }
    for (const [owner, recorded] of used) {
      if (owner.startsWith('nic/')) found.push({ network, card: Number(owner.slice(4)), recorded })
    }
  }
  return found
}
