import type { NetworkValues } from '../plan/network-values.ts'
import type { PlanValues } from '../plan/plan-values.ts'
import { bool, list } from './autoyast-elements.ts'
import { type XmlElement, xml } from './xml.ts'

/** All cards by their MACs, the names, the resolver and the routes. */
export function autoyastNetwork({ hostname, domain, networks }: PlanValues): XmlElement {
  const dns = networks.flatMap((network) => network.dns)
  const search = networks.flatMap((network) => network.searchDomains)
  return xml('networking', [
    bool('keep_install_network', false),
    xml('dns', [
      xml('hostname', hostname),
      domain === undefined ? undefined : xml('domain', domain),
      list('nameservers', unique(dns, 'nameserver')),
      list('searchlist', unique(search, 'search')),
    ]),
    list(
      'interfaces',
      networks.map((network, index) => card(network, `eth${index}`)),
    ),
    list(
      'net-udev',
      networks.map(({ mac }, index) =>
        xml('rule', [xml('name', `eth${index}`), xml('rule', 'ATTR{address}'), xml('value', mac)]),
      ),
    ),
    xml('routing', [
      list(
        'routes',
        networks.flatMap((network, index) => routes(network, `eth${index}`)),
      ),
    ]),
  ])
}

function unique(values: readonly string[], name: string): XmlElement[] {
  return [...new Set(values)].map((value) => xml(name, value))
}

function card({ static: address, static6, defaultRoute }: NetworkValues, device: string): XmlElement {
  const second =
    static6 &&
    xml('aliases', [
      xml('alias0', [xml('IPADDR', static6.address), xml('PREFIXLEN', String(static6.prefix)), xml('LABEL', 'six')]),
    ])
  const first = address
    ? [xml('bootproto', 'static'), xml('ipaddr', address.address), xml('prefixlen', String(address.prefix))]
    : [xml('bootproto', 'dhcp'), xml('dhclient_set_default_route', defaultRoute ? 'yes' : 'no')]
  return xml('interface', [xml('device', device), xml('startmode', 'auto'), ...first, second])
}

function routes({ static: address, static6, routes: others }: NetworkValues, device: string): XmlElement[] {
  const route = (destination: string, gateway: string): XmlElement =>
    xml('route', [xml('destination', destination), xml('device', device), xml('gateway', gateway)])
  const ways = [address, static6].flatMap((each) => (each?.gateway === undefined ? [] : [route('default', each.gateway)]))
  return [...ways, ...others.map(({ network, prefix, via }) => route(`${network}/${prefix}`, via))]
}
