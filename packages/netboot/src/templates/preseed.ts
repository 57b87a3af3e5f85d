import type { InstallPlan } from '@virtkit/spi'
import type { PreseedRelease } from '../catalog/netboot-release.ts'
import type { GuestUrls } from '../plan/guest-urls.ts'
import { type PlanValues, parsePlan } from '../plan/plan-values.ts'
import { firstBootPaths } from './first-boot.ts'
import { debconfAnswer, shellWord } from './quoting.ts'
import { persistently, wgetReport } from './report-commands.ts'

type Answer = readonly [owner: string, question: string, type: string, value: string]

/**
 * The answer file of debian-installer: the whole first disk in one ext4 partition (and swap), root's password and keys, the
 * packages, and the first-boot unit. The network is on the kernel command line: it must be up before this file is read.
 * https://www.debian.org/releases/stable/amd64/apb
 *
 * Throws `INVALID_INPUT` naming the plan's field for a value that cannot stand in it.
 */
export function renderPreseed(plan: InstallPlan, release: PreseedRelease, urls: GuestUrls): string {
  const values = parsePlan(plan, release)
  const section = (title: string, answers: readonly Answer[]): string[] => [
    '',
    `# ${title}`,
    ...answers.map((answer) => debconfAnswer(...answer)),
  ]
  const lines = [
    '#_preseed_V1',
    ...section('Language and time', localization(values)),
    ...section('Names', names(values)),
    ...section('Mirror', mirrorAnswers(values, release)),
    ...section('Root', accounts(values)),
    ...section('Disk', disk(values, urls)),
    ...section('Packages', packages(values)),
    ...section('Boot loader', bootLoader),
    ...section('Progress and first boot', progress(values, urls)),
  ]
  return `${lines.join('\n')}\n`
}

function localization({ locale, keyboard, timezone }: PlanValues): Answer[] {
  return [
    ['d-i', 'debian-installer/locale', 'string', locale],
    ['d-i', 'keyboard-configuration/xkb-keymap', 'select', keyboard],
    ['d-i', 'clock-setup/utc', 'boolean', 'true'],
    ['d-i', 'time/zone', 'string', timezone],
    ['d-i', 'clock-setup/ntp', 'boolean', 'false'],
  ]
}

function names({ hostname, domain }: PlanValues): Answer[] {
  return [
    ['d-i', 'netcfg/get_hostname', 'string', hostname],
    ['d-i', 'netcfg/get_domain', 'string', domain ?? ''],
    ['d-i', 'hw-detect/load_firmware', 'boolean', 'false'],
  ]
}

function mirrorAnswers({ mirror, networks }: PlanValues, { suite }: PreseedRelease): Answer[] {
  const url = new URL(mirror)
  const protocol = url.protocol.slice(0, -1)
  return [
    ['d-i', 'mirror/country', 'string', 'manual'],
    ['d-i', 'mirror/protocol', 'string', protocol],
    ['d-i', `mirror/${protocol}/hostname`, 'string', url.host],
    ['d-i', `mirror/${protocol}/directory`, 'string', url.pathname],
    ['d-i', `mirror/${protocol}/proxy`, 'string', ''],
    ['d-i', 'mirror/suite', 'string', suite],
    ['d-i', 'mirror/udeb/suite', 'string', suite],
    // Without a way out, the security mirror on the Internet would only be waited for.
    ['d-i', 'apt-setup/services-select', 'multiselect', networks[0].isolated ? '' : 'security, updates'],
    ['d-i', 'apt-setup/enable-source-repositories', 'boolean', 'false'],
    ['d-i', 'apt-setup/cdrom/set-first', 'boolean', 'false'],
  ]
}

function accounts({ rootPasswordHash }: PlanValues): Answer[] {
  return [
    ['d-i', 'passwd/root-login', 'boolean', 'true'],
    ['d-i', 'passwd/root-password-crypted', 'password', rootPasswordHash.reveal()],
    ['d-i', 'passwd/make-user', 'boolean', 'false'],
  ]
}

function disk({ diskLayout }: PlanValues, urls: GuestUrls): Answer[] {
  const report = wgetReport(urls, { phase: 'installing', percent: 15, detail: 'partitioning' })
  const chooseDisk = 'debconf-set partman-auto/disk "$(list-devices disk | head -n 1)"'
  return [
    ['d-i', 'partman/early_command', 'string', `${chooseDisk}; ${report} || true`],
    ['d-i', 'partman-auto/method', 'string', diskLayout === 'lvm' ? 'lvm' : 'regular'],
    ['d-i', 'partman-auto/choose_recipe', 'select', 'atomic'],
    ['d-i', 'partman/default_filesystem', 'string', 'ext4'],
    ['d-i', 'partman-lvm/device_remove_lvm', 'boolean', 'true'],
    ...(diskLayout === 'lvm' ? volumes : []),
    ['d-i', 'partman-md/device_remove_md', 'boolean', 'true'],
    ['d-i', 'partman-efi/non_efi_system', 'boolean', 'true'],
    ['d-i', 'partman-partitioning/confirm_write_new_label', 'boolean', 'true'],
    ['d-i', 'partman/choose_partition', 'select', 'finish'],
    ['d-i', 'partman/confirm', 'boolean', 'true'],
    ['d-i', 'partman/confirm_nooverwrite', 'boolean', 'true'],
  ]
}

const volumes: readonly Answer[] = [
  ['d-i', 'partman-auto-lvm/guided_size', 'string', 'max'],
  ['d-i', 'partman-lvm/confirm', 'boolean', 'true'],
  ['d-i', 'partman-lvm/confirm_nooverwrite', 'boolean', 'true'],
]

function packages(values: PlanValues): Answer[] {
  // wget: the first boot reports with it.
  const wanted = new Set(['openssh-server', 'ca-certificates', 'wget', ...values.packages])
  return [
    ['tasksel', 'tasksel/first', 'multiselect', ''],
    ['d-i', 'pkgsel/run_tasksel', 'boolean', 'false'],
    ['d-i', 'pkgsel/include', 'string', [...wanted].join(' ')],
    ['d-i', 'pkgsel/upgrade', 'select', 'none'],
    ['d-i', 'pkgsel/update-policy', 'select', 'none'],
    ['popularity-contest', 'popularity-contest/participate', 'boolean', 'false'],
  ]
}

const bootLoader: readonly Answer[] = [
  ['d-i', 'grub-installer/only_debian', 'boolean', 'true'],
  ['d-i', 'grub-installer/with_other_os', 'boolean', 'true'],
  ['d-i', 'grub-installer/bootdev', 'string', 'default'],
  ['d-i', 'grub-installer/force-efi-extra-removable', 'boolean', 'true'],
  ['d-i', 'finish-install/keep-consoles', 'boolean', 'true'],
  ['d-i', 'finish-install/reboot_in_progress', 'note', ''],
  ['d-i', 'cdrom-detect/eject', 'boolean', 'false'],
]

function progress(values: PlanValues, urls: GuestUrls): Answer[] {
  const started = wgetReport(urls, { phase: 'installing', percent: 5, detail: 'installer started' })
  return [
    ['d-i', 'preseed/early_command', 'string', `${started} || true`],
    ['d-i', 'preseed/run', 'string', urls.installerHooks],
    ['d-i', 'preseed/late_command', 'string', lateCommand(values, urls)],
  ]
}

/** Files first, the report last: once it is heard, the answer files are no longer handed out. */
function lateCommand({ sshKeys }: PlanValues, urls: GuestUrls): string {
  const { script, unit, unitName } = firstBootPaths
  const keys = [
    'mkdir -p -m 0700 /target/root/.ssh',
    `printf '%s\\n' ${sshKeys.map(shellWord).join(' ')} > /target/root/.ssh/authorized_keys`,
    'chmod 0600 /target/root/.ssh/authorized_keys',
  ]
  const steps = [
    ...(sshKeys.length > 0 ? keys : []),
    'mkdir -p /target/usr/local/sbin',
    persistently(`wget -q -O /target${script} ${shellWord(urls.firstBootScript)}`),
    `chmod 0700 /target${script}`,
    persistently(`wget -q -O /target${unit} ${shellWord(urls.firstBootUnit)}`),
    `in-target systemctl enable ${unitName}`,
    persistently(wgetReport(urls, { phase: 'finishing', percent: 95 })),
  ]
  return `${steps.join(' && ')} || ${persistently(wgetReport(urls, { phase: 'failed', detail: 'late command' }))}`
}
