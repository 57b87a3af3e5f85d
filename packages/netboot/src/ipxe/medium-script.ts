import type { GuestUrls } from '../plan/guest-urls.ts'
import type { NetworkValues } from '../plan/network-values.ts'

/**
 * The script on the boot medium: brings the first card up and goes on with the run's script on the boot server, for as long
 * as it takes. All that the boot server decides is decided there, so that a medium left in the drive does no harm.
 */
export function renderMediumScript(card: NetworkValues, urls: GuestUrls): string {
  const lines = [
    '#!ipxe',
    ...cardSettings(card),
    ':start',
    `${card.static ? 'ifopen net0' : 'dhcp net0'} || goto again`,
    `chain --replace ${urls.script} || goto again`,
    ':again',
    'echo Virtkit: no answer from the boot server, trying again',
    'sleep 5',
    'goto start',
  ]
  return `${lines.join('\n')}\n`
}

/** https://ipxe.org/cfg */
function cardSettings({ static: address, dns }: NetworkValues): string[] {
  if (!address) return []
  const [server] = dns.filter((text) => text.includes(':') === (address.version === 6))
  const six = address.version === 6 ? '6' : ''
  return [
    `set net0/ip${six} ${address.address}`,
    address.version === 6 ? `set net0/len6 ${address.prefix}` : `set net0/netmask ${address.mask}`,
    ...(address.gateway === undefined ? [] : [`set net0/gateway${six} ${address.gateway}`]),
    ...(server === undefined ? [] : [`set net0/dns${six} ${server}`]),
  ]
}
