import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { isVirtkitError } from '@virtkit/spi'
import { exitCodes } from '../../exit-codes.ts'
import type { Host } from '../../host.ts'
import type { Output, Style } from '../../output/output.ts'
import type { Context } from '../../program.ts'
import { parseDatabaseLocation } from '../quickstart/database-location.ts'
import { type ServeFlags, type ServeOptions, parseServeOptions } from '../serve/serve-options.ts'
import { checkBootHost, checkBootPrograms, checkTftp } from './check-boot.ts'
import { checkKeyFile, checkPostgres, checkSqlite } from './check-database.ts'
import { checkClock, checkTerminal } from './check-host.ts'
import { checkLibvirt, checkQemu } from './check-hypervisor.ts'
import { checkNode, checkPackage } from './check-programs.ts'
import { type Finding, missing } from './finding.ts'

export type DoctorFlags = ServeFlags & { readonly libvirt?: string }

/**
 * Looks at what `serve` would need with the same options and environment. It changes nothing. Exit 0 when nothing that was asked for is
 * missing, 3 else.
 */
export async function doctor(flags: DoctorFlags, { host, output }: Context): Promise<number> {
  const options = parseServeOptions(flags, host.env)
  const findings = (await Promise.all(checks(options, flags.libvirt, host))).flat()
  tell(output, findings)
  return findings.some(({ state }) => state === 'missing') ? exitCodes.drift : exitCodes.ok
}

type Check = Promise<Finding | readonly Finding[]> | Finding

function checks(options: ServeOptions, libvirt: string | undefined, host: Host): Check[] {
  const isPostgres = /^postgres(ql)?:/.test(options.database)
  return [
    checkNode(process.version),
    checkPackage({ check: 'sqlite', package: 'better-sqlite3', isNeeded: !isPostgres, use: openSqlite }, import.meta.url),
    checkPackage({ check: 'postgres', package: 'pg', isNeeded: isPostgres }, import.meta.url),
    checkStore(options, host.cwd),
    checkQemu(host.env['PATH'] ?? ''),
    checkLibvirt(libvirt ?? 'qemu:///system', libvirt !== undefined),
    checkBootHost(options.bootHost),
    checkBootPrograms(options.bootPrograms, host.cwd),
    checkTftp(options.bootHost, options.tftpPort),
    checkClock(Date.now()),
    checkTerminal(host),
  ]
}

function openSqlite(exports: { readonly default?: unknown }): void {
  const Database = exports.default as new (file: string) => { close(): void }
  new Database(':memory:').close()
}

async function checkStore({ database, keyFile }: ServeOptions, cwd: string): Promise<readonly Finding[]> {
  let location
  try {
    location = parseDatabaseLocation(database, cwd, 'virtkit')
  } catch (error) {
    if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
    return error.details.problems.map(({ field, problem, hint }) => missing('database', `${field} ${problem}`, hint))
  }
  const { database: store, encryption } = location.options
  const file = 'sqlite' in store ? store.sqlite : undefined
  if (typeof file === 'string') {
    if (file === ':memory:') return []
    const key = keyFile === undefined ? `${file}.key` : resolve(cwd, keyFile)
    return [...(await checkSqlite(file)), await checkKeyFile(key, existsSync(file))]
  }
  const beside = encryption && 'keyFile' in encryption ? encryption.keyFile : 'virtkit.key'
  const key = resolve(cwd, keyFile ?? beside)
  return [...(await checkPostgres(database, location.text)), await checkKeyFile(key, false)]
}

const styles: Readonly<Record<Finding['state'], Style>> = { ok: 'green', warning: 'yellow', missing: 'red' }

function tell(output: Output, findings: readonly Finding[]): void {
  const count = (state: Finding['state']): number => findings.filter((each) => each.state === state).length
  if (output.isJson) {
    for (const finding of findings) output.json({ event: 'check', ...finding })
    return output.json({ event: 'checked', ok: count('ok'), warnings: count('warning'), missing: count('missing') })
  }
  for (const { check, state, text, fix } of findings) {
    if (output.isQuiet && state === 'ok') continue
    output.line(`${output.paint(styles[state], state.padEnd(7))}  ${check.padEnd(9)}  ${text}`)
    if (fix !== undefined) output.line(`${' '.repeat(20)}${output.paint('bold', fix)}`)
  }
  if (output.isQuiet) return
  output.line()
  output.line(`${count('missing')} missing, ${count('warning')} warnings, ${count('ok')} ok.`)
}
