import type { NetworkValues } from '../plan/network-values.ts'
import type { PlanValues } from '../plan/plan-values.ts'
import { type XmlElement, xml } from './xml.ts'

const added = { 'wcm:action': 'add' }

/** The components that set cards, routes and the resolver. Windows names a card here by its MAC, with hyphens. */
export function unattendNetworks({ networks, domain }: PlanValues): { name: string; content: XmlElement[] }[] {
  const resolvers = networks.flatMap(resolver)
  return [
    { name: 'Microsoft-Windows-TCPIP', content: [xml('Interfaces', networks.map(card))] },
    {
      name: 'Microsoft-Windows-DNS-Client',
      content: [
        ...(domain === undefined ? [] : [xml('DNSDomain', domain)]),
        ...(resolvers.length > 0 ? [xml('Interfaces', resolvers)] : []),
      ],
    },
  ].filter(({ content }) => content.length > 0)
}

function card(network: NetworkValues): XmlElement {
  const { static: address, static6, routes } = network
  const fixed = [address, static6].filter((each) => each !== undefined)
  const addresses = fixed.map(({ address: own, prefix }, index) =>
    xml('IpAddress', `${own}/${prefix}`, { ...added, 'wcm:keyValue': String(index + 1) }),
  )
  const ways = [
    ...fixed.flatMap(({ version, gateway }) =>
      gateway === undefined ? [] : [{ to: version === 6 ? '::/0' : '0.0.0.0/0', via: gateway }],
    ),
    ...routes.map(({ network: to, prefix, via }) => ({ to: `${to}/${prefix}`, via })),
  ]
  return xml(
    'Interface',
    [
      xml('Ipv4Settings', [xml('DhcpEnabled', String(!address))]),
      xml('Ipv6Settings', [xml('DhcpEnabled', String(!address && !static6))]),
      xml('Identifier', identifierOf(network)),
      addresses.length > 0 ? xml('UnicastIpAddresses', addresses) : undefined,
      ways.length > 0 ? xml('Routes', ways.map(route)) : undefined,
    ],
    added,
  )
}

function route({ to, via }: { to: string; via: string }, index: number): XmlElement {
  return xml('Route', [xml('Identifier', String(index + 1)), xml('NextHopAddress', via), xml('Prefix', to)], added)
}

function resolver(network: NetworkValues): XmlElement[] {
  const { dns, searchDomains } = network
  if (dns.length + searchDomains.length === 0) return []
  const servers = dns.map((server, index) => xml('IpAddress', server, { ...added, 'wcm:keyValue': String(index + 1) }))
  return [
    xml(
      'Interface',
      [
        xml('Identifier', identifierOf(network)),
        searchDomains[0] === undefined ? undefined : xml('DNSDomain', searchDomains[0]),
        servers.length > 0 ? xml('DNSServerSearchOrder', servers) : undefined,
      ],
      added,
    ),
  ]
}

function identifierOf({ mac }: NetworkValues): string {
  return mac.replaceAll(':', '-').toUpperCase()
}
