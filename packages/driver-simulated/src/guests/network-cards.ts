import { tryParseIp } from '@virtkit/spi'

/** How one card is configured, by whichever file says so. */
export interface CardConfiguration {
  readonly mac: string
  /** `address/prefix`; empty with DHCP. */
  readonly addresses: readonly string[]
  readonly gateway?: string
  readonly dns: readonly string[]
  readonly dhcp: boolean
}

/** The name that Linux gives the card in the slot of that number. */
export function cardName(index: number): string {
  return `ens${index + 3}`
}

/** The length of a netmask's prefix (`255.255.255.0`, or the length itself); `undefined` when it is none. */
export function prefixLength(mask: string): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask) <= 128 ? Number(mask) : undefined
  const ip = tryParseIp(mask)
  if (ip?.version !== 4) return undefined
  const bits = ip.value.toString(2).padStart(32, '0')
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined
}

/** The files by which a system of that kind configures its cards. */
export function networkFiles(
  kind: 'ifupdown' | 'networkmanager' | 'netplan',
  cards: readonly CardConfiguration[],
  nics: readonly { readonly mac: string }[],
): Record<string, string> {
  const named = cards.map((card) => ({ card, name: cardName(nics.findIndex(({ mac }) => mac === card.mac)) }))
  switch (kind) {
    case 'ifupdown':
      return {
        '/etc/network/interfaces': ['auto lo', 'iface lo inet loopback', '', ...named.flatMap(stanza), ''].join('\n'),
      }
    case 'networkmanager':
      return Object.fromEntries(
        named.map(({ card, name }) => [`/etc/NetworkManager/system-connections/${name}.nmconnection`, keyfile(card, name)]),
      )
    case 'netplan': {
      const ethernets = Object.fromEntries(named.map(({ card, name }) => [name, netplan(card)]))
      const network = { network: { version: 2, ethernets } }
      return { '/etc/netplan/50-cloud-init.yaml': `${JSON.stringify(network, null, 2)}\n` }
    }
  }
}

interface NamedCard {
  readonly card: CardConfiguration
  readonly name: string
}

function stanza({ card, name }: NamedCard): string[] {
  const [address] = card.addresses
  if (card.dhcp || address === undefined) return [`allow-hotplug ${name}`, `iface ${name} inet dhcp`]
  return [
    `allow-hotplug ${name}`,
    `iface ${name} ${address.includes(':') ? 'inet6' : 'inet'} static`,
    `\taddress ${address}`,
    ...(card.gateway === undefined ? [] : [`\tgateway ${card.gateway}`]),
    ...(card.dns.length === 0 ? [] : [`\tdns-nameservers ${card.dns.join(' ')}`]),
  ]
}

function keyfile(card: CardConfiguration, name: string): string {
  const lines = ['[connection]', `id=${name}`, 'type=ethernet', '', '[ethernet]', `mac-address=${card.mac}`, '']
  for (const [section, version] of [
    ['ipv4', 4],
    ['ipv6', 6],
  ] as const) {
    const own = card.addresses.filter((address) => address.includes(':') === (version === 6))
    const gateway = card.gateway?.includes(':') === (version === 6) ? `,${card.gateway}` : ''
    lines.push(`[${section}]`, ...own.map((address, index) => `address${index + 1}=${address}${gateway}`))
    lines.push(`method=${own.length > 0 ? 'manual' : card.dhcp && version === 4 ? 'auto' : 'disabled'}`, '')
  }
  return lines.join('\n')
}

function netplan(card: CardConfiguration): object {
  const base = { match: { macaddress: card.mac }, dhcp4: card.dhcp, addresses: card.addresses }
  const routes = card.gateway === undefined ? {} : { routes: [{ to: 'default', via: card.gateway }] }
  return { ...base, ...routes, nameservers: { addresses: card.dns } }
}
