import type { InstallPlan } from '@virtkit/spi'
import type { KickstartRelease } from '../catalog/netboot-release.ts'
import type { GuestUrls } from '../plan/guest-urls.ts'
import { type PlanValues, parsePlan } from '../plan/plan-values.ts'
import { firstBootPaths } from './first-boot.ts'
import { kickstartNetwork } from './kickstart-network.ts'
import { kickstartWord, shellWord } from './quoting.ts'
import { curlReport, persistently } from './report-commands.ts'

/**
 * The answer file of Anaconda: the whole first disk, root's password and keys, the packages, and the first-boot unit.
 * https://pykickstart.readthedocs.io/en/latest/kickstart-docs.html
 *
 * Throws `INVALID_INPUT` naming the plan's field for a value that cannot stand in it.
 */
export function renderKickstart(plan: InstallPlan, release: KickstartRelease, urls: GuestUrls): string {
  const values = parsePlan(plan, release)
  const lines = [
    '# Written by Virtkit.',
    'text',
    'reboot',
    ...system(values),
    '',
    ...values.networks.map((network, index) => kickstartNetwork(network, index === 0 ? fullName(values) : undefined)),
    '',
    ...sources(values, release),
    '',
    ...disk(values, release),
    '',
    ...before(urls),
    '',
    ...packages(values),
    '',
    ...after(urls),
    '',
    '%onerror',
    `${persistently(curlReport(urls, { phase: 'failed', detail: 'the installer stopped with an error' }))} || true`,
    '%end',
  ]
  return `${lines.join('\n')}\n`
}

function fullName({ hostname, domain }: PlanValues): string {
  return domain === undefined ? hostname : `${hostname}.${domain}`
}

function system({ locale, keyboard, timezone, rootPasswordHash, sshKeys }: PlanValues): string[] {
  return [
    `lang ${kickstartWord(locale)}`,
    `keyboard --xlayouts=${kickstartWord(keyboard)}`,
    `timezone ${kickstartWord(timezone)} --utc`,
    `rootpw --iscrypted ${kickstartWord(rootPasswordHash.reveal())}`,
    ...sshKeys.map((key) => `sshkey --username=root ${kickstartWord(key)}`),
    'firewall --enabled --service=ssh',
    'selinux --enforcing',
    'services --enabled=sshd',
    'firstboot --disable',
  ]
}

function sources({ mirror }: PlanValues, { tree, repositories }: KickstartRelease): string[] {
  return [
    `url --url=${kickstartWord(`${mirror}/${tree}`)}`,
    ...repositories.map(({ name, path }) => `repo --name=${name} --baseurl=${kickstartWord(`${mirror}/${path}`)}`),
  ]
}

function disk({ diskLayout }: PlanValues, { fileSystem }: KickstartRelease): string[] {
  return [
    '%include /tmp/virtkit-disk.ks',
    'zerombr',
    'clearpart --all --initlabel',
    `autopart --type=${diskLayout} --fstype=${fileSystem} --nohome`,
    'bootloader --timeout=1',
  ]
}

function before(urls: GuestUrls): string[] {
  return [
    '%pre',
    `${curlReport(urls, { phase: 'installing', percent: 5, detail: 'installer started' })} || true`,
    'disk=$(lsblk -dnro NAME,TYPE | awk \'$2 == "disk" && $1 !~ /^(fd|zram|ram|loop)/ { print $1; exit }\')',
    'echo "ignoredisk --only-use=$disk" > /tmp/virtkit-disk.ks',
    '%end',
    '',
    '%pre-install',
    `${curlReport(urls, { phase: 'installing', percent: 20, detail: 'disk partitioned' })} || true`,
    '%end',
  ]
}

function packages(values: PlanValues): string[] {
  const wanted = new Set(['@core', 'curl', 'openssh-server', ...values.packages])
  return ['%packages', ...wanted, '%end']
}

/** Files first, the report last: once it is heard, the answer files are no longer handed out. */
function after(urls: GuestUrls): string[] {
  const { script, unit, unitName } = firstBootPaths
  const fetch = (path: string, url: string): string => persistently(`curl -fsS -m 60 -o ${path} ${shellWord(url)}`)
  return [
    '%post --erroronfail',
    'set -e',
    `${curlReport(urls, { phase: 'installing', percent: 90, detail: 'packages installed' })} || true`,
    'mkdir -p /usr/local/sbin',
    fetch(script, urls.firstBootScript),
    `chmod 0700 ${script}`,
    fetch(unit, urls.firstBootUnit),
    `restorecon -F ${script} ${unit} || true`,
    `systemctl enable ${unitName}`,
    persistently(curlReport(urls, { phase: 'finishing', percent: 95 })),
    '%end',
  ]
}
