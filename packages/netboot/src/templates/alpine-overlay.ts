import { gzipSync } from 'node:zlib'
import type { InstallPlan } from '@virtkit/spi'
import type { AlpineRelease } from '../catalog/netboot-release.ts'
import type { GuestUrls } from '../plan/guest-urls.ts'
import { type PlanValues, parsePlan } from '../plan/plan-values.ts'
import { renderAlpineAnswers } from './alpine-answers.ts'
import { cardWith } from './debian-extra-cards.ts'
import { shellWord } from './quoting.ts'
import { persistently, wgetReport } from './report-commands.ts'
import { type TarEntry, renderTar } from './tar.ts'

const paths = {
  answers: 'etc/virtkit/answers',
  installed: 'etc/virtkit/installed.start',
  start: 'etc/local.d/virtkit.start',
} as const

/**
 * What Alpine's netboot system lays over itself (`apkovl`): a script that installs to the disk when the system is up, its
 * answers, and the script that takes its place in the installed system. The same plan yields the same bytes.
 *
 * Throws `INVALID_INPUT` naming the plan's field for a value that cannot stand in it.
 */
export function renderAlpineOverlay(plan: InstallPlan, release: AlpineRelease, urls: GuestUrls): Uint8Array {
  const values = parsePlan(plan, release)
  const entries: TarEntry[] = [
    // Asks for the services that a system without an overlay starts: devices, modules, network.
    { path: 'etc/.default_boot_services', content: '' },
    { path: 'etc/runlevels/default/local', linkTo: '/etc/init.d/local' },
    { path: paths.answers, content: renderAlpineAnswers(plan, release), mode: 0o600 },
    { path: paths.installed, content: renderAlpineFirstBoot(urls), mode: 0o700 },
    { path: paths.start, content: renderAlpineInstall(values, release, urls), mode: 0o700 },
  ]
  return gzipSync(renderTar(entries), { level: 9 })
}

/** What installs, in the running netboot system. */
export function renderAlpineInstall(values: PlanValues, release: AlpineRelease, urls: GuestUrls): string {
  const repositories = ['main', 'community'].map((name) => `${values.mirror}/${release.branch}/${name}`)
  const report = (percent: number, detail: string): string =>
    `${wgetReport(urls, { phase: 'installing', percent, detail })} || true`
  const failed = (detail: string): string => `{ ${persistently(wgetReport(urls, { phase: 'failed', detail }))}; exit 1; }`
  const lines = [
    '#!/bin/sh',
    '# Written by Virtkit. Runs in the netboot system, once.',
    report(5, 'installer started'),
    ...cardWith,
    ...values.networks.map(({ mac }, index) => `export card${index}="$(card_with ${shellWord(mac)})"`),
    'disk=',
    'for name in vda sda nvme0n1 xvda; do [ -b "/dev/$name" ] && disk="/dev/$name" && break; done',
    `[ -n "$disk" ] || ${failed('there is no disk')}`,
    'export disk ERASE_DISKS="$disk"',
    `printf '%s\\n' ${repositories.map(shellWord).join(' ')} > /etc/apk/repositories`,
    `printf '%s\\n' ${shellWord(`root:${values.rootPasswordHash.reveal()}`)} | chpasswd -e`,
    ...keys(values),
    `apk add openssh ${values.packages.map(shellWord).join(' ')} || ${failed('packages')}`,
    report(30, 'packages'),
    // What is copied to the disk: the script of the first boot in the place of this one, and no answers. The shell goes on
    // reading this file, which has no name any more.
    `mv /${paths.answers} /tmp/virtkit-answers`,
    `mv /${paths.installed} /${paths.start}`,
    'rm -rf /etc/virtkit',
    `setup-alpine -e -f /tmp/virtkit-answers || ${failed('setup-alpine')}`,
    persistently(wgetReport(urls, { phase: 'finishing', percent: 95 })),
    'reboot',
  ]
  return `${lines.join('\n')}\n`
}

/** What the installed system runs once. */
export function renderAlpineFirstBoot(urls: GuestUrls): string {
  const lines = [
    '#!/bin/sh',
    '# Written by Virtkit. Runs once, on the first boot of the installed system.',
    '(',
    '  tries=0',
    `  until ${wgetReport(urls, { phase: 'ready', percent: 100 })}; do`,
    '    tries=$((tries + 1))',
    '    [ "$tries" -lt 8640 ] || break',
    '    sleep 5',
    '  done',
    `  rm -f /${paths.start}`,
    ') </dev/null >/dev/null 2>&1 &',
  ]
  return `${lines.join('\n')}\n`
}

function keys({ sshKeys }: PlanValues): string[] {
  if (sshKeys.length === 0) return []
  return [
    'mkdir -p -m 0700 /root/.ssh',
    `printf '%s\\n' ${sshKeys.map(shellWord).join(' ')} > /root/.ssh/authorized_keys`,
    'chmod 0600 /root/.ssh/authorized_keys',
    // The home of root is not among what setup-disk copies.
    'apk info -e alpine-conf >/dev/null && lbu include /root/.ssh',
  ]
}
