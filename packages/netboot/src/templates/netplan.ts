import type { NetworkValues } from '../plan/network-values.ts'
import type { YamlMap } from './yaml.ts'

/** All cards of a machine, each found by its MAC. https://netplan.readthedocs.io/en/stable/netplan-yaml/ */
export function netplan(networks: readonly NetworkValues[]): YamlMap {
  return {
    version: 2,
    ethernets: Object.fromEntries(networks.map((network, index) => [`virtkit${index}`, ethernet(network)])),
  }
}

function ethernet({ mac, static: address, dns, searchDomains, defaultRoute }: NetworkValues): YamlMap {
  const nameservers = dns.length + searchDomains.length > 0 ? { addresses: dns, search: searchDomains } : undefined
  const base = { match: { macaddress: mac }, nameservers }
  if (!address) return { ...base, dhcp4: true, ...(defaultRoute ? {} : { 'dhcp4-overrides': { 'use-routes': false } }) }
  return {
    ...base,
    dhcp4: false,
    addresses: [`${address.address}/${address.prefix}`],
    routes: address.gateway === undefined ? undefined : [{ to: 'default', via: address.gateway }],
  }
}
