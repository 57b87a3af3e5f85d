import type { NetworkValues } from '../plan/network-values.ts'
import type { PlanValues } from '../plan/plan-values.ts'
import { shellWord } from './quoting.ts'

/**
 * debian-installer configures the card that it installs through and no other. The rest is written on the first boot, when the
 * cards have the names that they keep: lines of a shell script, which may run twice.
 */
export function debianExtraCards(values: PlanValues): string[] {
  const [, ...others] = values.networks
  if (others.length === 0) return []
  return [
    'card_with() {',
    '  for card in /sys/class/net/*; do',
    '    if [ "$(cat "$card/address" 2>/dev/null)" = "$1" ]; then echo "${card##*/}"; return; fi',
    '  done',
    '}',
    ...others.flatMap((network, index) => extraCard(network, index + 1)),
  ]
}

function extraCard(network: NetworkValues, index: number): string[] {
  const words = [
    '"auto $card"',
    `"iface $card ${stanza(network)}"`,
    ...settings(network).map((line) => shellWord(`  ${line}`)),
  ]
  return [
    `card=$(card_with ${shellWord(network.mac)})`,
    'if [ -n "$card" ]; then',
    `  printf '%s\\n' ${words.join(' ')} > /etc/network/interfaces.d/virtkit-${index}`,
    '  ifup "$card" || true',
    'fi',
  ]
}

function stanza({ static: address }: NetworkValues): string {
  if (!address) return 'inet dhcp'
  return address.version === 6 ? 'inet6 static' : 'inet static'
}

function settings({ static: address, dns, searchDomains, defaultRoute }: NetworkValues): string[] {
  const lines: string[] = []
  if (address) lines.push(`address ${address.address}/${address.prefix}`)
  if (address?.gateway) lines.push(`gateway ${address.gateway}`)
  if (dns.length > 0) lines.push(`dns-nameservers ${dns.join(' ')}`)
  if (searchDomains.length > 0) lines.push(`dns-search ${searchDomains.join(' ')}`)
  // A lease brings a default route along; only one card of a machine may have it.
  if (!address && !defaultRoute) lines.push('up ip route del default dev $IFACE || true')
  return lines
}
