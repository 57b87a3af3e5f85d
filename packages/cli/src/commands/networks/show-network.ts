import type { Client, OutputOf } from '@virtkit/rest/client'
import type { Contract } from '@virtkit/rest/contract'
import { findNetwork } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { type ListColumn, printDetails, printTable } from '../../output/print.ts'
import { showTime } from '../../output/times.ts'
import { renderAddressMap } from './address-map.ts'

type Address = OutputOf<Contract['networks']['addresses']>[number]

/** With `--json`, the network and its addresses that are not free; as text, a map and a table of them. */
export async function showNetwork({ client, output }: Session, given: string): Promise<void> {
  const network = await findNetwork(client, given)
  const addresses = await client.networks.addresses({ key: network.key })
  if (output.isJson) return output.json({ ...network, addresses })
  const { key, name, cidr, dhcp, ipreservationcidr, gateway, dns, zonedomain, nointernet, excluded, quarantine } = network
  const cluster = await client.clusters.get({ key: network.cluster })
  printDetails(output, [
    ['key', key],
    ['name', name],
    ['cluster', cluster.name],
    ['addresses', dhcp ? 'by DHCP' : cidr],
    ['handed out from', ipreservationcidr],
    ['not handed out', excluded.join(', ')],
    ['gateway', gateway],
    ['dns', dns],
    ['domain', zonedomain],
    ['quarantine', quarantine === 0 ? '' : `${quarantine / 1e9} s`],
    ['internet', nointernet ? 'none' : ''],
  ])
  if (output.isQuiet || dhcp) return
  output.line()
  for (const line of renderAddressMap({ network, addresses, columns: output.columns, paint: output.paint }))
    output.line(line)
  if (addresses.length > 0) {
    output.line()
    printTable(output, columnsOf(await ownersOf(client, key)), addresses)
  }
}

function columnsOf(owners: ReadonlyMap<string, string>): readonly ListColumn<Address>[] {
  return [
    { title: 'address', whole: true, of: ({ ip }) => ip },
    { title: 'state', of: ({ state }) => state },
    { title: 'owner', of: ({ owner }) => owners.get(owner) ?? owner },
    { title: 'until', of: ({ expires }) => showTime(expires) },
  ]
}

/** Of network cards, the names of their machines. */
async function ownersOf(client: Client, netkey: number): Promise<ReadonlyMap<string, string>> {
  const [cards, machines] = await Promise.all([
    client.virtualMachineNetworks.list({ netkey }),
    client.virtualMachines.list(),
  ])
  const names = new Map(machines.map(({ key, name }) => [key, name]))
  return new Map(cards.map(({ key, vmkey }) => [`nic/${key}`, names.get(vmkey) ?? `machine ${vmkey}`]))
}
