import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** How a driver did on one target: for each conformance case, by group and name, `passed` or why it was not run. */
export interface DriverReport {
  readonly driver: string
  readonly target: string
  readonly results: Record<string, 'passed' | { readonly skipped: string }>
}

/** Leaves a report of each driver that was held against the conformance cases in the folder that `VIRTKIT_CONFORMANCE` names. */
export default class ConformanceReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const folder = process.env.VIRTKIT_CONFORMANCE
    if (!folder) return
    mkdirSync(folder, { recursive: true })
    const tests = modules
      .filter(({ moduleId }) => /\/packages\/driver-/.test(moduleId))
      .flatMap((each) => [...each.children.allTests()])
    for (const report of reportsOf(tests)) {
      const name = `${report.driver} ${report.target}`.replaceAll(/[^a-z\d]+/g, '-')
      writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, undefined, 2)}\n`)
    }
  }
}

/** Of a driver of which a case failed there is none: what is red needs no report. */
function reportsOf(tests: readonly TestCase[]): DriverReport[] {
  const reports = new Map<string, DriverReport>()
  const failed = new Set<string>()
  for (const test of tests) {
    const place = placeOf(test)
    if (!place) continue
    const report = reports.get(place.target) ?? { driver: place.driver, target: place.target, results: {} }
    reports.set(place.target, report)
    const result = test.result()
    if (result.state === 'failed') failed.add(place.target)
    else report.results[`${place.group}: ${test.name}`] = result.state === 'passed' ? 'passed' : { skipped: reasonOf(test) }
  }
  const names = new Set([...reports.values()].flatMap(({ results }) => Object.keys(results)))
  for (const test of tests) {
    // As it is named in the title, it may be cut short.
    const [, peer, begin] = /^not on (\w+): (.*?)…?$/.exec(test.name) ?? []
    const report = test.parent.type === 'suite' ? reports.get(test.parent.name) : undefined
    const name = [...names].find((each) => each.slice(each.indexOf(' ') + 1).startsWith(begin!))
    if (begin === undefined || !report || name === undefined) continue
    report.results[name] = { skipped: `${peer} does otherwise than the server that it stands for` }
  }
  const whole = [...reports.values()].filter(
    ({ target, results }) => !failed.has(target) && Object.values(results).includes('passed'),
  )
  for (const report of whole) Object.assign(report, { results: sorted(report.results) })
  return whole
}

function reasonOf(test: TestCase): string {
  const result = test.result()
  return (result.state === 'skipped' ? result.note : undefined) ?? 'not run'
}

const sorted = <T>(entries: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).toSorted(([one], [other]) => (one < other ? -1 : 1)))

/** As `describeDriver` nests its cases: the group, in the driver, in what it runs on. */
function placeOf({ parent: group }: TestCase): { group: string; driver: string; target: string } | undefined {
  if (group.type !== 'suite' || group.parent.type !== 'suite') return undefined
  const driver = /^driver (\S+)$/.exec(group.parent.name)?.[1]
  const around = group.parent.parent
  return driver === undefined || around.type !== 'suite' ? undefined : { group: group.name, driver, target: around.name }
}
