import type { OutputOf } from '@virtkit/rest/client'
import type { Contract } from '@virtkit/rest/contract'
import { findNetwork } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printDetails, printTable } from '../../output/print.ts'
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
    printTable<Address>(output, columns, addresses)
  }
}

const columns = [
  { title: 'address', of: ({ ip }: Address) => ip },
  { title: 'state', of: ({ state }: Address) => state },
  { title: 'owner', of: ({ owner }: Address) => owner },
  { title: 'until', of: ({ expires }: Address) => (expires === undefined ? '' : new Date(expires / 1e6).toISOString()) },
]
