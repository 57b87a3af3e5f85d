import type { InstallPlan } from '@virtkit/spi'
import type { AlpineRelease } from '../catalog/netboot-release.ts'
import { type PlanValues, parsePlan } from '../plan/plan-values.ts'
import { interfaceStanzas } from './interfaces.ts'
import { shellWord } from './quoting.ts'

/**
 * The answer file of `setup-alpine`, which reads it as a shell does: the network, names, resolver, time zone, mirror and disk.
 * `$disk` and the names of the cards (`$card0`, …) are the installing script's to set. https://wiki.alpinelinux.org/wiki/Setup-alpine
 *
 * Throws `INVALID_INPUT` naming the plan's field for a value that cannot stand in it.
 */
export function renderAlpineAnswers(plan: InstallPlan, release: AlpineRelease): string {
  const values = parsePlan(plan, release)
  const [first] = values.networks
  const repositories = ['main', 'community'].map((name) => `${values.mirror}/${release.branch}/${name}`)
  const lines = [
    '# Written by Virtkit.',
    `KEYMAPOPTS=${shellWord(`${values.keyboard} ${values.keyboard}`)}`,
    `HOSTNAMEOPTS=${shellWord(`-n ${fullName(values)}`)}`,
    ...interfaces(values),
    `DNSOPTS=${shellWord(resolver(values))}`,
    `TIMEZONEOPTS=${shellWord(`-z ${values.timezone}`)}`,
    'PROXYOPTS=none',
    `APKREPOSOPTS=${shellWord(repositories.join(' '))}`,
    'SSHDOPTS=openssh',
    // Without a way out, servers on the Internet would only be waited for.
    `NTPOPTS=${first.isolated ? 'none' : 'chrony'}`,
    'USEROPTS=none',
    `DISKOPTS="-m sys${values.diskLayout === 'lvm' ? ' -L' : ''} $disk"`,
    'LBUOPTS=none',
    'APKCACHEOPTS=none',
  ]
  return `${lines.join('\n')}\n`
}

/** A multi-line word: the names of cards stand outside of the quotes, everything else inside. */
function interfaces({ networks }: PlanValues): string[] {
  const lines = networks.flatMap((network, index) => ['', ...interfaceStanzas(network, `\0${index}\0`)])
  const all = ['auto lo', 'iface lo inet loopback', ...lines]
  return [`INTERFACESOPTS=${all.map(withCards).join('"\n"')}`]
}

function withCards(line: string): string {
  return line
    .split('\0')
    .map((part, index) => (index % 2 === 1 ? `"$card${part}"` : part === '' ? '' : shellWord(part)))
    .join('')
}

function resolver({ domain, networks }: PlanValues): string {
  const servers = networks.flatMap((network) => network.dns)
  const search = domain ?? networks.flatMap((network) => network.searchDomains)[0]
  // With nothing at all, `setup-dns` would ask.
  return ['-d', search ?? 'localdomain', ...servers].join(' ')
}

function fullName({ hostname, domain }: PlanValues): string {
  return domain === undefined ? hostname : `${hostname}.${domain}`
}
