import type { NetworkValues } from '../plan/network-values.ts'
import type { YamlMap } from './yaml.ts'

/** All cards of a machine, each found by its MAC. https://netplan.readthedocs.io/en/stable/netplan-yaml/ */
export function netplan(networks: readonly NetworkValues[]): YamlMap {
  return {
    version: 2,
    ethernets: Object.fromEntries(networks.map((network, index) => [`virtkit${index}`, ethernet(network)])),
  }
}

function ethernet({ mac, static: address, static6, routes, dns, searchDomains, defaultRoute }: NetworkValues): YamlMap {
  const nameservers = dns.length + searchDomains.length > 0 ? { addresses: dns, search: searchDomains } : undefined
  const fixed = [address, static6].filter((each) => each !== undefined)
  const ways = [
    ...fixed.flatMap(({ gateway, version }) =>
      gateway === undefined ? [] : [{ to: version === 6 ? '::/0' : '0.0.0.0/0', via: gateway }],
    ),
    ...routes.map((route) => ({ to: `${route.network}/${route.prefix}`, via: route.via })),
  ]
  return {
    match: { macaddress: mac },
    nameservers,
    dhcp4: !address,
    'dhcp4-overrides': address || defaultRoute ? undefined : { 'use-routes': false },
    addresses: fixed.length > 0 ? fixed.map((each) => `${each.address}/${each.prefix}`) : undefined,
    routes: ways.length > 0 ? ways : undefined,
  }
}
