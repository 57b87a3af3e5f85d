import type { About } from '../driver/hypervisor.ts'
import type { CaseResult } from './case-result.ts'

/** What a run of the cases found; JSON data. */
export interface ConformanceReport {
  readonly driver: string
  /** The version of the contract that the driver was written for. */
  readonly spec: number
  /** Left out when no session could be opened. */
  readonly product?: Pick<About, 'product' | 'version'>
  readonly results: readonly CaseResult[]
  readonly passed: number
  readonly failed: number
  /** Skipped because the driver does not claim the capability. */
  readonly notClaimed: number
  /** Skipped because the target has no means to look. */
  readonly notLookedAt: number
  /** True when something was checked and nothing failed. */
  readonly ok: boolean
  readonly durationMs: number
}

/** Counts results. Promises: `ok` is false when no case was executed. */
export function summarise(
  about: Pick<ConformanceReport, 'driver' | 'spec' | 'product' | 'durationMs'>,
  results: readonly CaseResult[],
): ConformanceReport {
  const count = (matches: (result: CaseResult) => boolean): number => results.filter(matches).length
  const passed = count((result) => result.status === 'passed')
  const failed = count((result) => result.status === 'failed')
  return {
    ...about,
    results,
    passed,
    failed,
    notClaimed: count((result) => result.skipped === 'not-claimed'),
    notLookedAt: count((result) => result.skipped === 'cannot-look'),
    ok: failed === 0 && passed > 0,
  }
}

const marks = { passed: '✓', failed: '✗', skipped: '↓' } as const

/** One line per case, and the sum. */
export function renderReport(report: ConformanceReport): string {
  return [...report.results.map(renderResult), '', renderSummary(report)].join('\n')
}

/** `✓ name`, `↓ name   why it was skipped`, `✗ name   why it failed`. */
export function renderResult(result: CaseResult): string {
  return `${marks[result.status]} ${result.name}${result.reason === undefined ? '' : `   ${result.reason}`}`
}

function renderSummary(report: ConformanceReport): string {
  const { passed, notClaimed, notLookedAt, failed } = report
  const unseen = notLookedAt > 0 ? ` · ${notLookedAt} not looked at` : ''
  const nothing = passed + failed === 0 ? ' · nothing was checked' : ''
  return `${passed} passed · ${notClaimed} not claimed${unseen} · ${failed} failed${nothing}`
}
