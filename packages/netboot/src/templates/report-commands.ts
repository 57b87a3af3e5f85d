import type { InstallReport } from '@virtkit/spi'
import type { GuestUrls } from '../plan/guest-urls.ts'
import { shellWord } from './quoting.ts'

/** A shell command with the wget of busybox, which may lack everything but a plain GET. */
export function wgetReport(urls: GuestUrls, report: InstallReport): string {
  return `wget -q -O /dev/null ${shellWord(`${urls.report}?${fields(report)}`)}`
}

/** A shell command with GNU wget, in an installed system. */
export function wgetPost(urls: GuestUrls, report: InstallReport): string {
  return `wget -q -O /dev/null --timeout=20 --tries=1 --post-data ${shellWord(fields(report))} ${shellWord(urls.report)}`
}

/** A shell command with curl. */
export function curlReport(urls: GuestUrls, report: InstallReport): string {
  return `curl -fsS -m 20 -o /dev/null -X POST -d ${shellWord(fields(report))} ${shellWord(urls.report)}`
}

/** A shell command with FreeBSD's fetch. */
export function fetchReport(urls: GuestUrls, report: InstallReport): string {
  return `fetch -q -T 20 -o /dev/null ${shellWord(`${urls.report}?${fields(report)}`)}`
}

/** A PowerShell script. */
export function powerShellReport(urls: GuestUrls, report: InstallReport): string {
  return `Invoke-WebRequest -UseBasicParsing -TimeoutSec 20 -Method Post -Body '${fields(report)}' -Uri '${urls.report}' | Out-Null`
}

/**
 * Repeats a command until it succeeds, for half an hour: the boot server may be away for a while, and what an installation
 * cannot do without must not fail for that. Its status is that of the last try.
 */
export function persistently(command: string): string {
  const another = 'tries=$((tries + 1)); [ "$tries" -lt 360 ] || break; sleep 5'
  return `{ tries=0; until ${command}; do ${another}; done; [ "$tries" -lt 360 ]; }`
}

function fields({ phase, percent, detail }: InstallReport): string {
  const form = new URLSearchParams({ phase })
  if (percent !== undefined) form.set('percent', String(percent))
  if (detail !== undefined) form.set('detail', detail)
  return form.toString()
}
