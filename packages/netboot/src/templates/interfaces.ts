import type { NetworkValues } from '../plan/network-values.ts'

/** The stanzas of one card in `interfaces(5)`; `card` is its name, or a shell's word for it. */
export function interfaceStanzas(network: NetworkValues, card: string): string[] {
  const { static: address } = network
  return [
    `auto ${card}`,
    `iface ${card} ${address ? `${familyOf(address.version)} static` : 'inet dhcp'}`,
    ...ownSettings(network),
    ...secondStanza(network, card),
  ]
}

/** The IPv6 address beside an IPv4 one. */
export function secondStanza({ static6 }: NetworkValues, card: string): string[] {
  if (!static6) return []
  const gateway = static6.gateway === undefined ? [] : [`  gateway ${static6.gateway}`]
  return [`iface ${card} inet6 static`, `  address ${static6.address}/${static6.prefix}`, ...gateway]
}

/** Commands that set the routes of a card and may run twice. */
export function routeCommands({ routes }: NetworkValues, device: string): string[] {
  return routes.map(({ version, network, prefix, via }) => {
    const ip = version === 6 ? 'ip -6' : 'ip'
    return `${ip} route replace ${network}/${prefix} via ${via} dev ${device} || true`
  })
}

function ownSettings(network: NetworkValues): string[] {
  const { static: address, dns, searchDomains, defaultRoute } = network
  const lines: string[] = []
  if (address) lines.push(`address ${address.address}/${address.prefix}`)
  if (address?.gateway) lines.push(`gateway ${address.gateway}`)
  if (dns.length > 0) lines.push(`dns-nameservers ${dns.join(' ')}`)
  if (searchDomains.length > 0) lines.push(`dns-search ${searchDomains.join(' ')}`)
  // A lease brings a default route along; only one card of a machine may have it.
  if (!address && !defaultRoute) lines.push('up ip route del default dev $IFACE || true')
  lines.push(...routeCommands(network, '$IFACE').map((command) => `up ${command}`))
  return lines.map((line) => `  ${line}`)
}

function familyOf(version: 4 | 6): string {
  return version === 6 ? 'inet6' : 'inet'
}
