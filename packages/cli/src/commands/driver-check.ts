import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { invalidInput } from '@virtkit/spi'
import { type CaseResult, type ConformanceReport, checkDriver } from '@virtkit/spi/conformance'
import { exitCodes } from '../exit-codes.ts'
import type { Output } from '../output/output.ts'
import type { Context } from '../program.ts'
import { loadTarget } from './driver-target.ts'

export interface DriverCheckOptions {
  readonly export?: string
  readonly options?: string
  readonly report?: string
}

/** Runs the conformance cases on a driver. Exit 0 only when something was checked and nothing failed. */
export async function driverCheck(module: string, options: DriverCheckOptions, { host, output }: Context): Promise<number> {
  const { cwd } = host
  const given = options.options === undefined ? undefined : await readOptions(resolve(cwd, options.options))
  const target = await loadTarget(module, { cwd, exportName: options.export, options: given })
  const report = await checkDriver(target, { onResult: (result) => tellCase(result, output) })
  tellReport(report, output)
  if (options.report !== undefined) {
    await writeFile(resolve(cwd, options.report), `${JSON.stringify(report, undefined, 2)}\n`)
  }
  return report.ok ? exitCodes.ok : exitCodes.failed
}

function tellCase(result: CaseResult, output: Output): void {
  if (output.isJson) return output.json({ event: 'case', ...result })
  const { status, name, reason, promise } = result
  if (output.isQuiet && status !== 'failed') return
  if (status === 'passed') return output.line(`${output.paint('green', '✓')} ${name}`)
  if (status === 'skipped') return output.line(output.paint('dim', `↓ ${name}   ${reason ?? ''}`))
  output.line(`${output.paint('red', '✗')} ${name}`)
  output.line(`    ${reason ?? ''}`)
  output.line(`    ${output.paint('dim', `promise: ${promise}`)}`)
}

function tellReport(report: ConformanceReport, output: Output): void {
  if (output.isJson) return output.json({ event: 'report', ...report, results: undefined })
  const { driver, product, passed, failed, notClaimed, notLookedAt, ok } = report
  const counts = [
    `${passed} passed`,
    `${failed} failed`,
    `${notClaimed} not claimed`,
    ...(notLookedAt > 0 ? [`${notLookedAt} not looked at`] : []),
  ]
  const nothing = passed + failed === 0 ? ' Nothing was checked.' : ''
  const on = product ? ` on ${product.product} ${product.version}` : ''
  output.line()
  output.line(output.paint(ok ? 'green' : 'red', `${driver}${on}: ${counts.join(', ')}.${nothing}`))
}

async function readOptions(path: string): Promise<unknown> {
  const wrong = (problem: string, hint: string): Error => invalidInput([{ field: '--options', problem, hint }])
  const text = await readFile(path, 'utf8').catch(() => {
    throw wrong(`${path} cannot be read`, 'name a JSON file')
  })
  try {
    return JSON.parse(text) as unknown
  } catch {
    // What the parser says repeats a part of the file, and there are passwords in it.
    throw wrong(`${path} is not JSON`, 'write it like { "url": "https://…", "username": "…", "password": "…" }')
  }
}
