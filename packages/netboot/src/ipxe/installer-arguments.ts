import type { AlpineRelease, AutoinstallRelease, KickstartRelease, NetbootRelease } from '../catalog/netboot-release.ts'
import type { GuestUrls } from '../plan/guest-urls.ts'
import type { NetworkValues } from '../plan/network-values.ts'
import type { PlanValues } from '../plan/plan-values.ts'
import type { KernelArgument } from './kernel-arguments.ts'

/** What the installer of a release must be told before it has a network and its answer file. */
export function installerArguments(values: PlanValues, release: NetbootRelease, urls: GuestUrls): KernelArgument[] {
  const [card] = values.networks
  const own = ownArguments(values, release, card, urls)
  const trace: KernelArgument[] = values.trace === undefined ? [] : [['virtkit.trace', values.trace]]
  // PXELINUX's IPAPPEND notation: all installers but YaST's use the card with this address.
  return [['initrd', 'initrd'], ...own, ['BOOTIF', `01-${card.mac.replaceAll(':', '-')}`], ...consoles, ...trace]
}

/**
 * The screen, and the first serial line: what a hypervisor keeps of it tells why an installer stopped. The kernel leaves out the one
 * that a machine does not have (its Documentation/admin-guide/serial-console.rst).
 */
const consoles: readonly KernelArgument[] = [
  ['console', 'tty0'],
  ['console', 'ttyS0,115200'],
]

function ownArguments(values: PlanValues, release: NetbootRelease, card: NetworkValues, urls: GuestUrls): KernelArgument[] {
  switch (release.installer) {
    case 'preseed':
      return preseedArguments(values, card, urls)
    case 'kickstart':
      return kickstartArguments(values, release, card, urls)
    case 'autoinstall':
      return autoinstallArguments(values, release, card, urls)
    case 'autoyast':
      return autoyastArguments(values, card, urls)
    case 'alpine':
      return alpineArguments(values, release, card, urls)
  }
}

/** https://www.debian.org/releases/stable/amd64/apbs02 */
function preseedArguments({ hostname, domain }: PlanValues, card: NetworkValues, urls: GuestUrls): KernelArgument[] {
  const names: KernelArgument[] =
    domain === undefined
      ? [['hostname', hostname]]
      : [
          ['hostname', hostname],
          ['domain', domain],
        ]
  return [
    ['auto', 'true'],
    ['priority', 'critical'],
    ['url', urls.preseed],
    ['interface', 'auto'],
    ...names,
    ...netcfg(card),
  ]
}

function netcfg({ static: address, dns }: NetworkValues): KernelArgument[] {
  if (!address) return []
  return [
    ['netcfg/disable_autoconfig', 'true'],
    ['netcfg/get_ipaddress', address.version === 6 ? `${address.address}/${address.prefix}` : address.address],
    ...(address.version === 6 ? [] : ([['netcfg/get_netmask', address.mask]] as const)),
    // netcfg asks for what is left out, whatever the priority of its questions: `none` and nothing are answers too.
    ['netcfg/get_gateway', address.gateway ?? 'none'],
    ['netcfg/get_nameservers', dns.join(' ')],
    ['netcfg/confirm_static', 'true'],
  ]
}

/** https://anaconda-installer.readthedocs.io/en/latest/user-guide/boot-options.html, dracut.cmdline(7) */
function kickstartArguments(
  { hostname, mirror }: PlanValues,
  { tree }: KickstartRelease,
  card: NetworkValues,
  urls: GuestUrls,
): KernelArgument[] {
  const network: KernelArgument[] = [['ip', card.static ? staticIp(card, hostname) : 'dhcp']]
  return [
    ['inst.ks', urls.kickstart],
    ['inst.repo', `${mirror}/${tree}`],
    ['inst.text'],
    ...network,
    ...card.dns.map((server): KernelArgument => ['nameserver', bracketed(server)]),
  ]
}

/** https://canonical-subiquity.readthedocs-hosted.com/en/latest/howto/autoinstall-quickstart.html */
function autoinstallArguments(
  { hostname }: PlanValues,
  { liveImage }: AutoinstallRelease,
  card: NetworkValues,
  urls: GuestUrls,
): KernelArgument[] {
  const servers = card.static ? card.dns.slice(0, 2).map((server) => `:${server}`) : []
  return [
    ['ip', card.static ? staticIp(card, hostname) + servers.join('') : 'dhcp'],
    ['url', liveImage],
    // cloud-init would take `url` for a configuration and load the whole image once more.
    ['cloud-config-url', '/dev/null'],
    ['autoinstall'],
    ['ds', `nocloud;s=${urls.folder}`],
  ]
}

/** https://en.opensuse.org/SDB:Linuxrc; `ifcfg` names the card by its MAC */
function autoyastArguments({ mirror }: PlanValues, card: NetworkValues, urls: GuestUrls): KernelArgument[] {
  const { static: address, dns } = card
  // What suffices to fetch the rest; the profile has the whole.
  const fixed = address && [
    `${address.address}/${address.prefix}`,
    address.gateway ?? '',
    dns[0] ?? '',
    card.searchDomains[0] ?? '',
  ]
  return [
    ['install', mirror],
    ['autoyast', urls.autoyast],
    ['ifcfg', `${card.mac}=${fixed ? fixed.join(',').replace(/,+$/, '') : 'dhcp'}`],
    ['textmode', '1'],
  ]
}

/** https://wiki.alpinelinux.org/wiki/PXE_boot */
function alpineArguments(
  { hostname, mirror }: PlanValues,
  { branch, modules }: AlpineRelease,
  card: NetworkValues,
  urls: GuestUrls,
): KernelArgument[] {
  const [server] = card.static ? card.dns : []
  return [
    ['ip', card.static ? staticIp(card, hostname) + (server === undefined ? '' : `:${server}`) : 'dhcp'],
    ['alpine_repo', `${mirror}/${branch}/main`],
    ['modloop', `${mirror}/${modules}`],
    ['apkovl', urls.overlay],
  ]
}

/** `client::gateway:netmask:hostname:interface:none`; the interface is the one that BOOTIF names. */
function staticIp({ static: address }: NetworkValues, hostname: string): string {
  if (!address) return 'dhcp'
  const gateway = address.gateway === undefined ? '' : bracketed(address.gateway)
  return `${bracketed(address.address)}::${gateway}:${address.mask}:${hostname}::none`
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
