import type { InstallPlan } from '@virtkit/spi'
import type { BsdinstallRelease } from '../catalog/netboot-release.ts'
import type { GuestUrls } from '../plan/guest-urls.ts'
import type { NetworkValues } from '../plan/network-values.ts'
import { type PlanValues, parsePlan } from '../plan/plan-values.ts'
import { shellWord } from './quoting.ts'
import { fetchReport, persistently } from './report-commands.ts'

/**
 * The `installerconfig` of bsdinstall: what comes before the second `#!` is read by the installer's shell, the rest runs in the
 * installed system. The whole first disk in one UFS, the network, root's password and keys, packages, and the first boot's report.
 * https://man.freebsd.org/cgi/man.cgi?query=bsdinstall, SCRIPTING
 *
 * It goes to `/etc/installerconfig` on the installer's medium. Throws `INVALID_INPUT` naming the plan's field for a value that
 * cannot stand in it; `lvm` is none that FreeBSD has.
 */
export function renderInstallerConfig(plan: InstallPlan, release: BsdinstallRelease, urls: GuestUrls): string {
  const values = parsePlan(plan, release)
  return `${[...preamble(values, urls), '#!/bin/sh', ...setup(values, urls)].join('\n')}\n`
}

function preamble(values: PlanValues, urls: GuestUrls): string[] {
  const failed = persistently(fetchReport(urls, { phase: 'failed', detail: 'the installer stopped with an error' }))
  return [
    '# Written by Virtkit. This part runs in the installer.',
    ...cardWith,
    // bsdinstall calls this by name when a step fails.
    'error() {',
    '  cat "$BSDINSTALL_LOG"',
    `  ${failed} || true`,
    '  exit 1',
    '}',
    ...values.networks.flatMap(bringUp),
    ...resolver(values),
    `${fetchReport(urls, { phase: 'installing', percent: 5, detail: 'installer started' })} || true`,
    "disk=$(sysctl -n kern.disks | tr ' ' '\\n' | grep -v '^cd' | tail -n 1)",
    'export nonInteractive=YES',
    'export BSDINSTALL_DISTDIR=/tmp/dist',
    `export BSDINSTALL_DISTSITE=${shellWord(values.mirror)}`,
    "DISTRIBUTIONS='kernel.txz base.txz'",
    'PARTITIONS="$disk GPT { auto freebsd-ufs / }"',
    'mkdir -p "$BSDINSTALL_DISTDIR"',
    // The boot-only image has no sets and no list of them.
    `for name in MANIFEST $DISTRIBUTIONS; do`,
    `  [ -s "$BSDINSTALL_DISTDIR/$name" ] || ${persistently(`fetch -qo "$BSDINSTALL_DISTDIR/$name" "$BSDINSTALL_DISTSITE/$name"`)}`,
    'done',
  ]
}

function setup(values: PlanValues, urls: GuestUrls): string[] {
  const { hostname, domain, timezone, keyboard, locale, rootPasswordHash, sshKeys, packages } = values
  const sysrc = (name: string, value: string): string => `sysrc ${shellWord(`${name}=${value}`)}`
  return [
    '# Written by Virtkit. This part runs in the installed system; when it fails, bsdinstall calls our `error`.',
    'set -e',
    `${fetchReport(urls, { phase: 'installing', percent: 60, detail: 'base system installed' })} || true`,
    ...cardWith,
    sysrc('hostname', domain === undefined ? hostname : `${hostname}.${domain}`),
    sysrc('keymap', keyboard),
    sysrc('sshd_enable', 'YES'),
    ...values.networks.flatMap(configure),
    ...resolver(values),
    `ln -sf ${shellWord(`/usr/share/zoneinfo/${timezone}`)} /etc/localtime`,
    `printf '%s\\n' ${shellWord(`export LANG=${locale}`)} >> /etc/profile`,
    `printf '%s\\n' ${shellWord(rootPasswordHash.reveal())} | pw usermod root -H 0`,
    ...(sshKeys.length === 0
      ? []
      : [
          'mkdir -p -m 0700 /root/.ssh',
          `printf '%s\\n' ${sshKeys.map(shellWord).join(' ')} > /root/.ssh/authorized_keys`,
          'chmod 0600 /root/.ssh/authorized_keys',
          "printf '%s\\n' 'PermitRootLogin prohibit-password' >> /etc/ssh/sshd_config",
        ]),
    ...(packages.length === 0 ? [] : [`env ASSUME_ALWAYS_YES=yes pkg install -y ${packages.map(shellWord).join(' ')}`]),
    // rc(8) reads it into its own shell. A line that begins with `#!` would end this part: bsdinstall splits there.
    "cat > /etc/rc.local <<'END'",
    '(',
    '  tries=0',
    `  until ${fetchReport(urls, { phase: 'ready', percent: 100 })}; do`,
    '    tries=$((tries + 1))',
    '    [ "$tries" -lt 8640 ] || break',
    '    sleep 5',
    '  done',
    '  rm -f /etc/rc.local',
    ') </dev/null >/dev/null 2>&1 &',
    'END',
    'chmod 0755 /etc/rc.local',
    persistently(fetchReport(urls, { phase: 'finishing', percent: 95 })),
  ]
}

/** A shell function that finds the name of a card by its MAC. */
const cardWith: readonly string[] = [
  'card_with() {',
  '  for card in $(ifconfig -l); do',
  '    if ifconfig "$card" | grep -qi "ether $1"; then echo "$card"; return; fi',
  '  done',
  '}',
]

/** The card while the installer runs. */
function bringUp({ mac, static: address, static6, routes }: NetworkValues): string[] {
  const fixed = [address, static6].filter((each) => each !== undefined)
  return [
    `card=$(card_with ${shellWord(mac)})`,
    ...(address ? [] : ['dhclient "$card" || true']),
    ...fixed.flatMap(({ version, address: own, prefix, gateway }) => [
      `ifconfig "$card" ${familyOf(version)} ${own} prefixlen ${prefix}${version === 4 ? ' alias' : ''} up || true`,
      ...(gateway === undefined ? [] : [`route add -${familyOf(version)} default ${gateway} || true`]),
    ]),
    ...routes.map(
      ({ version, network, prefix, via }) => `route add -${familyOf(version)} -net ${network}/${prefix} ${via} || true`,
    ),
  ]
}

/** The card in the installed system's rc.conf. */
function configure({ mac, static: address, static6, routes }: NetworkValues, index: number): string[] {
  const [four, six] = address?.version === 6 ? [undefined, address] : [address, static6]
  const lines = [`card=$(card_with ${shellWord(mac)})`]
  if (four) lines.push(`sysrc "ifconfig_$card=inet ${four.address} netmask ${four.mask}"`)
  else if (!address) lines.push('sysrc "ifconfig_$card=DHCP"')
  if (four?.gateway) lines.push(`sysrc defaultrouter=${four.gateway}`)
  if (six) lines.push(`sysrc "ifconfig_\${card}_ipv6=inet6 ${six.address} prefixlen ${six.prefix}"`)
  if (six?.gateway) lines.push(`sysrc ipv6_defaultrouter=${six.gateway}`)
  routes.forEach(({ version, network, prefix, via }, at) => {
    const name = `virtkit${index}x${at}`
    const list = version === 6 ? 'ipv6_static_routes' : 'static_routes'
    const route = version === 6 ? 'ipv6_route' : 'route'
    lines.push(`sysrc ${list}+=" ${name}"`, `sysrc ${shellWord(`${route}_${name}=-net ${network}/${prefix} ${via}`)}`)
  })
  return lines
}

function resolver({ networks }: PlanValues): string[] {
  const servers = networks.flatMap((network) => network.dns).map((server) => `nameserver ${server}`)
  const search = networks.flatMap((network) => network.searchDomains)
  const lines = [...(search.length > 0 ? [`search ${search.join(' ')}`] : []), ...servers]
  return lines.length === 0 ? [] : [`printf '%s\\n' ${lines.map(shellWord).join(' ')} > /etc/resolv.conf`]
}

function familyOf(version: 4 | 6): string {
  return version === 6 ? 'inet6' : 'inet'
}
