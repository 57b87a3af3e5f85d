import type { DriverCase } from '@virtkit/spi/conformance'
import { renderTable } from '../table.ts'
import { groupOf } from './driver-contract.ts'

/** How a driver did on one target, as `npm run docs:reports` leaves it. */
export interface SupportReport {
  readonly driver: string
  /** What it was held against: `a real libvirtd`. */
  readonly target: string
  /** By group and name of the case. */
  readonly results: Readonly<Record<string, SupportResult>>
}

/** `passed`, or why the case was not run. */
export type SupportResult = 'passed' | { readonly skipped: string }

const keyOf = (each: DriverCase): string => `${groupOf(each)}: ${each.name}`

const marks = { all: '✓', none: '–' } as const

/** The page about which driver does what. Pure. */
export function renderSupportMatrix(cases: readonly DriverCase[], reports: readonly SupportReport[]): string {
  const columns = reports.map(titleOf)
  const groups = [...Map.groupBy(cases, groupOf)]
  return `---
aside: false
---

# Support matrix

From the reports of the [conformance cases](driver-contract.md), which every driver runs in each run of our tests; nobody writes into these
tables. ✓: all cases of the group passed. A fraction: the others were not run, and below is why. –: none was run. Cases about what happens
without a capability are left out for those who have it.

${renderTable(
  ['', ...columns],
  groups.map(([name, members]) => [name, ...reports.map((report) => markOf(report, members))]),
)}

${reports.map((report) => renderReasons(report, cases)).join('\n\n')}
`
}

const titleOf = ({ driver, target }: SupportReport): string => `${driver}: ${target}`

/** A case about what happens without a capability is none of those who have it. */
function concerns({ results }: SupportReport, each: DriverCase): boolean {
  return results[keyOf(each)] === 'passed' || !each.needs.some((need) => need.startsWith('not '))
}

function markOf(report: SupportReport, group: readonly DriverCase[]): string {
  const { results } = report
  const cases = group.filter((each) => concerns(report, each))
  const passed = cases.filter((each) => results[keyOf(each)] === 'passed').length
  if (passed === 0) return marks.none
  return passed === cases.length ? marks.all : `${passed}/${cases.length}`
}

function renderReasons(report: SupportReport, all: readonly DriverCase[]): string {
  const { results } = report
  const cases = all.filter((each) => concerns(report, each))
  const skipped = cases.flatMap((each) => {
    const result = results[keyOf(each)] ?? { skipped: 'not run' }
    return result === 'passed' ? [] : [{ ...each, reason: result.skipped }]
  })
  const passed = cases.length - skipped.length
  const lines = [...Map.groupBy(skipped, ({ reason }) => reason)].map(
    ([reason, members]) => `- ${reason}: ${members.map(({ id }) => `\`${id}\``).join(', ')}`,
  )
  return [`## ${titleOf(report)}`, `${passed} of ${cases.length} cases passed, none failed.`, lines.join('\n')]
    .filter(Boolean)
    .join('\n\n')
}
