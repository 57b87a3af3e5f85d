import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Host } from '../../host.ts'
import { setClock } from './check-database.ts'
import { type Finding, missing, ok, warning } from './finding.ts'

/** This was written then: no clock that is right shows less. */
const written = Date.UTC(2026, 10, 1)

/** Installs, leases, tokens and signatures all go by it. */
export async function checkClock(
  now: number,
  isSynchronized: () => Promise<boolean | undefined> = askSystemd,
): Promise<Finding> {
  const shown = new Date(now).toISOString()
  if (now < written) return missing('clock', `shows ${shown}, which is past`, setClock)
  if ((await isSynchronized()) === false) return warning('clock', `shows ${shown}, and nothing keeps it right`, setClock)
  return ok('clock', shown)
}

/** `undefined`: nobody can tell. */
async function askSystemd(): Promise<boolean | undefined> {
  if (!existsSync('/run/systemd/system')) return undefined
  return new Promise((resolve) => {
    execFile('timedatectl', ['show', '--property=NTPSynchronized', '--value'], { timeout: 2000 }, (error, stdout) =>
      resolve(error ? undefined : stdout.trim() === 'yes'),
    )
  })
}

/** How well this terminal shows what we print. */
export function checkTerminal({ stdout, env }: Pick<Host, 'stdout' | 'env'>): Finding {
  if (stdout.isTTY !== true) return ok('terminal', 'none: nothing is redrawn or coloured')
  if (env['TERM'] === undefined || env['TERM'] === 'dumb')
    return warning('terminal', 'cannot redraw lines', 'export TERM=xterm-256color')
  const columns = stdout.columns ?? 80
  if (columns < 80) return warning('terminal', `${columns} columns: tables are cut`, 'make it 80 columns wide')
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  if (!/utf-?8/i.test(locale) && process.platform !== 'win32')
    return warning(
      'terminal',
      `${locale === '' ? 'no locale' : locale}: bars and arrows may look broken`,
      'export LANG=C.UTF-8',
    )
  return ok('terminal', `${columns} columns${stdout.hasColors?.() === true ? ', colours' : ''}`)
}
