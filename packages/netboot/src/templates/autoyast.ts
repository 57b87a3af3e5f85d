import type { InstallPlan } from '@virtkit/spi'
import type { AutoyastRelease } from '../catalog/netboot-release.ts'
import type { GuestUrls } from '../plan/guest-urls.ts'
import { type PlanValues, parsePlan } from '../plan/plan-values.ts'
import { autoyastNetwork } from './autoyast-network.ts'
import { firstBootPaths } from './first-boot.ts'
import { shellWord } from './quoting.ts'
import { curlReport, persistently } from './report-commands.ts'
import { bool, list } from './autoyast-elements.ts'
import { type XmlElement, renderXml, xml } from './xml.ts'

/**
 * The profile of YaST: the whole first disk, root's password and keys, the packages, and the first-boot unit.
 * https://doc.opensuse.org/projects/autoyast/
 *
 * YaST has no hook for its own failures: it stops with a dialogue, and the run fails when its time is up. What our scripts
 * cannot do is reported. Throws `INVALID_INPUT` naming the plan's field for a value that cannot stand in it.
 */
export function renderAutoyast(plan: InstallPlan, release: AutoyastRelease, urls: GuestUrls): string {
  const values = parsePlan(plan, release)
  const profile = xml(
    'profile',
    [
      xml('general', [
        xml('mode', [bool('confirm', false), bool('final_reboot', false)]),
        xml('signature-handling', [bool('accept_unsigned_file', false), bool('accept_non_trusted_gpg_key', false)]),
      ]),
      ...system(values),
      autoyastNetwork(values),
      partitioning(values),
      software(values, release),
      accounts(values),
      xml('services-manager', [xml('services', [list('enable', [xml('service', 'sshd')])])]),
      xml('firewall', [bool('enable_firewall', true), bool('start_firewall', true), sshZone()]),
      scripts(urls),
    ],
    { xmlns: 'http://www.suse.com/1.0/yast2ns', 'xmlns:config': 'http://www.suse.com/1.0/configns' },
  )
  return renderXml(profile, '<!DOCTYPE profile>')
}

function system({ locale, keyboard, timezone }: PlanValues): XmlElement[] {
  return [
    xml('language', [xml('language', locale.replace(/[.@].*$/, ''))]),
    xml('keyboard', [xml('keymap', keyboard)]),
    xml('timezone', [xml('hwclock', 'UTC'), xml('timezone', timezone)]),
  ]
}

/** One drive and no device: YaST takes the first. With `lvm` a second one names the volumes. */
function partitioning({ diskLayout }: PlanValues): XmlElement {
  const wholeDisk = [bool('initialize', true), xml('use', 'all')]
  if (diskLayout === 'plain') return list('partitioning', [xml('drive', wholeDisk)])
  const volume = (mount: string, name: string, fileSystem: string, size: string): XmlElement =>
    xml('partition', [xml('mount', mount), xml('lv_name', name), xml('filesystem', fileSystem, symbol), xml('size', size)])
  return list('partitioning', [
    xml('drive', [...wholeDisk, list('partitions', [xml('partition', [xml('lvm_group', 'system'), xml('size', 'max')])])]),
    xml('drive', [
      xml('device', '/dev/system'),
      xml('type', 'CT_LVM', symbol),
      list('partitions', [volume('swap', 'swap', 'swap', '1GB'), volume('/', 'root', 'ext4', 'max')]),
    ]),
  ])
}

const symbol = { 'config:type': 'symbol' }

function software({ packages }: PlanValues, { product }: AutoyastRelease): XmlElement {
  const names = [...new Set(['curl', 'openssh', ...packages.filter((name) => !name.startsWith('@'))])]
  const patterns = packages.filter((name) => name.startsWith('@')).map((name) => name.replace(/^@\^?/, ''))
  return xml('software', [
    list('products', [xml('product', product)]),
    list(
      'patterns',
      ['base', ...patterns].map((name) => xml('pattern', name)),
    ),
    list(
      'packages',
      names.map((name) => xml('package', name)),
    ),
  ])
}

function accounts({ rootPasswordHash, sshKeys }: PlanValues): XmlElement {
  const keys = list(
    'authorized_keys',
    sshKeys.map((key) => xml('listentry', key)),
  )
  const root = [xml('username', 'root'), bool('encrypted', true), xml('user_password', rootPasswordHash.reveal()), keys]
  return list('users', [xml('user', root)])
}

function sshZone(): XmlElement {
  const zone = [xml('name', 'public'), list('services', [xml('service', 'ssh')])]
  return list('zones', [xml('zone', zone)])
}

/** Files first, the report last: once it is heard, the answer files are no longer handed out. */
function scripts(urls: GuestUrls): XmlElement {
  const { script, unit, unitName } = firstBootPaths
  const fetch = (path: string, url: string): string => persistently(`curl -fsS -m 60 -o ${path} ${shellWord(url)}`)
  const steps = [
    'mkdir -p /usr/local/sbin',
    fetch(script, urls.firstBootScript),
    `chmod 0700 ${script}`,
    fetch(unit, urls.firstBootUnit),
    `systemctl enable ${unitName}`,
    persistently(curlReport(urls, { phase: 'finishing', percent: 95 })),
  ]
  const failed = persistently(curlReport(urls, { phase: 'failed', detail: 'the last script of the profile' }))
  const started = `${curlReport(urls, { phase: 'installing', percent: 5, detail: 'installer started' })} || true`
  const installed = `${curlReport(urls, { phase: 'installing', percent: 90, detail: 'packages installed' })} || true`
  return xml('scripts', [
    list('pre-scripts', [sourceOf('virtkit-pre.sh', started)]),
    list('chroot-scripts', [sourceOf('virtkit-chroot.sh', `${installed}; ${steps.join(' && ')} || ${failed}`, true)]),
  ])
}

function sourceOf(name: string, source: string, chrooted?: boolean): XmlElement {
  const where = chrooted === undefined ? [] : [bool('chrooted', chrooted)]
  return xml('script', [xml('filename', name), xml('interpreter', 'shell'), ...where, xml('source', source)])
}
