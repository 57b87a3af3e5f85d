import type { InstallPlan } from '@virtkit/spi'
import type { NetbootRelease } from '../catalog/netboot-release.ts'
import type { GuestUrls } from '../plan/guest-urls.ts'
import { parsePlan } from '../plan/plan-values.ts'
import { debianExtraCards } from './debian-extra-cards.ts'
import { networkManagerRoutes } from './network-manager-routes.ts'
import { curlReport, wgetPost } from './report-commands.ts'

/** Where the installers put the script and the unit in the installed system. */
export const firstBootPaths = {
  script: '/usr/local/sbin/virtkit-first-boot',
  unit: '/etc/systemd/system/virtkit-first-boot.service',
  unitName: 'virtkit-first-boot.service',
} as const

/**
 * What the installed system runs once: reports `ready` until it has been heard (for about half a day), then removes itself
 * and with it the run's token.
 */
export function renderFirstBootScript(plan: InstallPlan, release: NetbootRelease, urls: GuestUrls): string {
  const values = parsePlan(plan, release)
  const report = release.installer === 'preseed' ? wgetPost : curlReport
  const lines = [
    '#!/bin/sh',
    '# Written by Virtkit. Runs once, on the first boot of the installed system.',
    ...(release.installer === 'preseed' ? debianExtraCards(values) : []),
    ...(release.installer === 'kickstart' ? networkManagerRoutes(values) : []),
    'tries=0',
    `until ${report(urls, { phase: 'ready', percent: 100 })}; do`,
    '  tries=$((tries + 1))',
    '  [ "$tries" -lt 8640 ] || break',
    '  sleep 5',
    'done',
    `systemctl disable ${firstBootPaths.unitName}`,
    `rm -f ${firstBootPaths.script} ${firstBootPaths.unit}`,
  ]
  return `${lines.join('\n')}\n`
}

/** The systemd unit that runs the script. */
export function renderFirstBootUnit(): string {
  return `[Unit]
Description=Tell Virtkit that this machine is installed
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
ExecStart=/bin/sh ${firstBootPaths.script}

[Install]
WantedBy=multi-user.target
`
}
