import type { InstallPlan } from '@virtkit/spi'
import type { AutoinstallRelease } from '../catalog/netboot-release.ts'
import type { GuestUrls } from '../plan/guest-urls.ts'
import { type PlanValues, parsePlan } from '../plan/plan-values.ts'
import { firstBootPaths } from './first-boot.ts'
import { netplan } from './netplan.ts'
import { shellWord } from './quoting.ts'
import { curlReport, persistently } from './report-commands.ts'
import { type YamlMap, renderYaml } from './yaml.ts'

/** The three files of a NoCloud seed. */
export interface AutoinstallFiles {
  readonly userData: string
  readonly metaData: string
  readonly vendorData: string
}

/**
 * The answers of Subiquity: the whole largest disk in one ext4 partition, root's password and keys, the packages, and the
 * first-boot unit. https://canonical-subiquity.readthedocs-hosted.com/en/latest/reference/autoinstall-reference.html
 *
 * Throws `INVALID_INPUT` naming the plan's field for a value that cannot stand in it.
 */
export function renderAutoinstall(plan: InstallPlan, release: AutoinstallRelease, urls: GuestUrls): AutoinstallFiles {
  const values = parsePlan(plan, release)
  const autoinstall: YamlMap = {
    version: 1,
    locale: values.locale,
    keyboard: { layout: values.keyboard },
    timezone: values.timezone,
    'refresh-installer': { update: false },
    network: netplan(values.networks),
    apt: { geoip: false, primary: [{ arches: ['default'], uri: values.mirror }] },
    storage: { layout: { name: values.diskLayout === 'lvm' ? 'lvm' : 'direct' } },
    ssh: { 'install-server': true, 'allow-pw': false },
    packages: [...new Set(['curl', ...values.packages])],
    'user-data': installedSystem(values),
    'early-commands': [`${curlReport(urls, { phase: 'installing', percent: 5, detail: 'installer started' })} || true`],
    'late-commands': lateCommands(urls),
    'error-commands': [persistently(curlReport(urls, { phase: 'failed', detail: 'the installer stopped with an error' }))],
    shutdown: 'reboot',
  }
  return {
    userData: `#cloud-config\n${renderYaml({ autoinstall })}`,
    metaData: renderYaml({ 'instance-id': values.runId, 'local-hostname': values.hostname }),
    vendorData: '#cloud-config\n{}\n',
  }
}

/** What cloud-init does on the first boot of the installed system. */
function installedSystem({ hostname, domain, rootPasswordHash, sshKeys }: PlanValues): YamlMap {
  return {
    hostname,
    fqdn: domain === undefined ? undefined : `${hostname}.${domain}`,
    preserve_hostname: false,
    disable_root: false,
    users: [
      {
        name: 'root',
        lock_passwd: false,
        hashed_passwd: rootPasswordHash.reveal(),
        ssh_authorized_keys: sshKeys.length > 0 ? sshKeys : undefined,
      },
    ],
  }
}

/** Files first, the report last: once it is heard, the answer files are no longer handed out. */
function lateCommands(urls: GuestUrls): string[] {
  const { script, unit, unitName } = firstBootPaths
  const fetch = (path: string, url: string): string => persistently(`curl -fsS -m 60 -o /target${path} ${shellWord(url)}`)
  return [
    `${curlReport(urls, { phase: 'installing', percent: 90, detail: 'packages installed' })} || true`,
    'mkdir -p /target/usr/local/sbin',
    fetch(script, urls.firstBootScript),
    `chmod 0700 /target${script}`,
    fetch(unit, urls.firstBootUnit),
    `curtin in-target --target=/target -- systemctl enable ${unitName}`,
    persistently(curlReport(urls, { phase: 'finishing', percent: 95 })),
  ]
}
