import type { NetworkValues } from '../plan/network-values.ts'
import { kickstartWord } from './quoting.ts'

/** One `network` command; the first card's also names the machine. */
export function kickstartNetwork(network: NetworkValues, hostname: string | undefined): string {
  const { static: address, static6, dns, searchDomains, defaultRoute } = network
  const options = [`--device=${network.mac}`, '--onboot=yes', '--activate']
  if (!address) options.push('--bootproto=dhcp')
  else if (address.version === 4) {
    options.push('--bootproto=static', `--ip=${address.address}`, `--netmask=${address.mask}`)
    if (!static6) options.push('--noipv6')
    if (address.gateway) options.push(`--gateway=${address.gateway}`)
  } else {
    options.push('--noipv4', `--ipv6=${address.address}/${address.prefix}`)
    if (address.gateway) options.push(`--ipv6gateway=${address.gateway}`)
  }
  if (static6) {
    options.push(`--ipv6=${static6.address}/${static6.prefix}`)
    if (static6.gateway) options.push(`--ipv6gateway=${static6.gateway}`)
  }
  if (!defaultRoute) options.push('--nodefroute')
  if (dns.length > 0) options.push(`--nameserver=${dns.join(',')}`)
  // Known to RHEL 9.3 and Fedora 39 on.
  const search = address?.version === 6 ? '--ipv6-dns-search' : '--ipv4-dns-search'
  if (searchDomains.length > 0) options.push(`${search}=${searchDomains.join(',')}`)
  if (hostname !== undefined) options.push(`--hostname=${kickstartWord(hostname)}`)
  return `network ${options.join(' ')}`
}
