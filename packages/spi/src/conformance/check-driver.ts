import type { CaseResult } from './case-result.ts'
import { type ConformanceReport, summarise } from './conformance-report.ts'
import { connect } from './connect.ts'
import type { DriverCase } from './driver-case.ts'
import { driverCases } from './driver-cases/driver-cases.ts'
import type { DriverTarget } from './driver-target.ts'
import { runCase } from './run-case.ts'

export interface CheckOptions {
  /** Told of each case as it ends. */
  readonly onResult?: (result: CaseResult) => void
  /** Only these cases; all by default. */
  readonly cases?: readonly DriverCase[]
  /** Stops after the first failure. Default false. */
  readonly bail?: boolean
}

/**
 * Runs the cases one after the other, without a test runner.
 *
 * Promises: never rejects because of the driver; a run that checked nothing is not `ok`.
 *
 * @example
 * ```ts
 * const report = await checkDriver({ driver: acme, options }, { onResult: (result) => console.log(renderResult(result)) })
 * process.exitCode = report.ok ? 0 : 1
 * ```
 */
export async function checkDriver(target: DriverTarget, options: CheckOptions = {}): Promise<ConformanceReport> {
  const startedAt = performance.now()
  const results: CaseResult[] = []
  for (const driverCase of options.cases ?? driverCases) {
    const { result } = await runCase(driverCase, target)
    results.push(result)
    options.onResult?.(result)
    // A hypervisor that cannot be reached would only tell the same a hundred times.
    if (result.status === 'failed' && (options.bail || driverCase.id === 'connection.open')) break
  }
  const product = await readProduct(target)
  const { name, spec } = target.driver
  const durationMs = Math.round(performance.now() - startedAt)
  return summarise({ driver: name, spec, durationMs, ...(product && { product }) }, results)
}

async function readProduct(target: DriverTarget): Promise<ConformanceReport['product']> {
  try {
    const hypervisor = await connect(target, target.options, { signal: AbortSignal.timeout(10_000) })
    try {
      const { product, version } = hypervisor.about
      return { product, version }
    } finally {
      await hypervisor[Symbol.asyncDispose]()
    }
  } catch {
    // The cases have told of it already.
    return undefined
  }
}
