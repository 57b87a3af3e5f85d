import type { GuestUrls } from '../plan/guest-urls.ts'
import { shellWord } from './quoting.ts'
import { persistently, wgetReport } from './report-commands.ts'

/**
 * What debian-installer runs right after its answer file (`preseed/run`): hooks that tell how far it has come, and a watcher
 * that reports the step at which it failed, or the package that the mirror does not have. main-menu and anna write that to the
 * installer's log; the installer has no hook of its own for it.
 */
export function renderInstallerHooks(urls: GuestUrls): string {
  const hooks: readonly (readonly [folder: string, percent: number, detail: string])[] = [
    ['base-installer.d', 20, 'base system'],
    ['post-base-installer.d', 50, 'base system installed'],
    ['pre-pkgsel.d', 65, 'packages'],
    ['finish-install.d', 90, 'finishing'],
  ]
  /** Tells of the end, with what a variable of the shell holds. */
  const failed = (what: string, variable: string): string => {
    const report = `${urls.report}?${new URLSearchParams({ phase: 'failed', detail: `${what} ` })}`
    return persistently(`wget -q -O /dev/null ${shellWord(report)}"$${variable}"`)
  }
  const lines = [
    '#!/bin/sh',
    '# Written by Virtkit. Runs in the installer.',
    ...hooks.flatMap(([folder, percent, detail]) => [
      `mkdir -p /usr/lib/${folder}`,
      `cat > /usr/lib/${folder}/01virtkit <<'END'`,
      '#!/bin/sh',
      `${wgetReport(urls, { phase: 'installing', percent, detail })} || true`,
      'END',
      `chmod +x /usr/lib/${folder}/01virtkit`,
    ]),
    '(',
    '  tail -n +1 -f /var/log/syslog | while read -r line; do',
    '    case "$line" in',
    `      *"Configuring '"*"' failed with error code"*)`,
    `        step=\${line#*Configuring \\'}`,
    `        step=$(echo "\${step%%\\'*}" | tr -cd 'a-z0-9-')`,
    `        ${failed('installer step', 'step')}`,
    '        ;;',
    // anna tells the package, and then asks somebody who is not there whether to try again.
    '      *"DEBUG: retrieving "*)',
    '        package=${line#*retrieving }',
    `        package=$(echo "\${package%% *}" | tr -cd 'a-z0-9.+-')`,
    '        ;;',
    '      *": package retrieval failed"*)',
    `        ${failed('the mirror lacks the installer package', 'package')}`,
    '        ;;',
    '    esac',
    '  done',
    ') </dev/null >/dev/null 2>&1 &',
    'exit 0',
  ]
  return `${lines.join('\n')}\n`
}
