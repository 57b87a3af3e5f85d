import { tryParseIp } from '@virtkit/spi'
import { GuestStopped } from '../guest-context.ts'
import type { GuestContext } from '../guest-context.ts'
import type { KernelArguments } from '../kernel-arguments.ts'
import { prefixLength } from '../network-cards.ts'
import type { CardConfiguration } from '../network-cards.ts'

/** The card that `BOOTIF` (PXELINUX's notation) or its MAC names; with one card only, that one. Throws `GuestStopped`. */
export function installerCard(context: GuestContext, kernel: KernelArguments): { mac: string; network: string } {
  const { nics } = context.hardware
  const bootIf = kernel.get('BOOTIF')
  const wanted = bootIf === undefined ? undefined : bootIf.slice(3).replaceAll('-', ':').toLowerCase()
  const card = wanted === undefined && nics.length === 1 ? nics[0] : nics.find(({ mac }) => mac === wanted)
  if (card) return card
  throw new GuestStopped(
    wanted === undefined ? 'Which network card is to be used? There are several.' : `There is no network card ${wanted}.`,
  )
}

/** The network by debian-installer's `netcfg/*`, as it must be on the command line of an installation over the network. */
export function debianNetwork(context: GuestContext, kernel: KernelArguments): CardConfiguration {
  const card = installerCard(context, kernel)
  const fixed = kernel.get('netcfg/disable_autoconfig') === 'true' || kernel.get('netcfg/use_autoconfig') === 'false'
  if (!fixed) return leased(context, card)
  const answer = (name: string): string => {
    const value = kernel.get(`netcfg/${name}`)
    if (value === undefined) throw new GuestStopped(`Network: netcfg/${name} has no answer.`)
    return value
  }
  const [address = '', length] = answer('get_ipaddress').split('/')
  const gateway = answer('get_gateway')
  if (answer('confirm_static') !== 'true') throw new GuestStopped('Network: the static configuration is not confirmed.')
  return configured(card, {
    address,
    mask: length ?? answer('get_netmask'),
    gateway: gateway === 'none' ? undefined : gateway,
    dns: answer('get_nameservers')
      .split(/[\s,]+/)
      .filter(Boolean),
  })
}

/**
 * The network by `ip=client:peer:gateway:netmask:hostname:interface:method[:dns:dns]` (dracut.cmdline(7); the kernel's
 * Documentation/admin-guide/nfs/nfsroot.rst), or `ip=dhcp`.
 */
export function kernelNetwork(context: GuestContext, kernel: KernelArguments): CardConfiguration {
  const card = installerCard(context, kernel)
  const text = kernel.get('ip')
  if (text === undefined || ['dhcp', 'on', 'any', 'auto', ''].includes(text)) return leased(context, card)
  // IPv6 addresses stand in brackets, so that their colons do not count.
  const fields = text.match(/\[[^\]]*\]|[^:[\]]+|(?<=:|^)(?=:|$)/g) ?? []
  const [address = '', , gateway = '', mask = '', , , method = '', ...dns] = fields.map((part) =>
    part.replaceAll(/[[\]]/g, ''),
  )
  if (!['none', 'off', 'static', ''].includes(method)) return leased(context, card)
  return configured(card, {
    address,
    mask,
    gateway: gateway || undefined,
    dns: [...dns.filter(Boolean), ...kernel.all('nameserver').map((server) => server.replaceAll(/[[\]]/g, ''))],
  })
}

function leased(context: GuestContext, card: { mac: string; network: string }): CardConfiguration {
  const lease = context.lease(card)
  if (!lease) throw new GuestStopped('Network autoconfiguration failed: no DHCP server answered.')
  const dns = lease.dns === undefined ? [] : [lease.dns]
  const gateway = lease.gateway === undefined ? {} : { gateway: lease.gateway }
  return { mac: card.mac, addresses: [], dhcp: true, dns, ...gateway }
}

interface Given {
  readonly address: string
  readonly mask: string
  readonly gateway: string | undefined
  readonly dns: readonly string[]
}

function configured(card: { mac: string }, { address, mask, gateway, dns }: Given): CardConfiguration {
  const prefix = prefixLength(mask)
  const ip = tryParseIp(address)
  if (!ip || prefix === undefined) throw new GuestStopped('Network: the static configuration is malformed.')
  const wrong = [gateway, ...dns].find((server) => server !== undefined && !tryParseIp(server))
  if (wrong !== undefined) throw new GuestStopped('Network: the gateway or a name server is malformed.')
  const route = gateway === undefined ? {} : { gateway }
  return { mac: card.mac, addresses: [`${address}/${prefix}`], dhcp: false, dns, ...route }
}
