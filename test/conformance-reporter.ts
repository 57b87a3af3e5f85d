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
    const tests = modules.filter(({ moduleId }) => /\/packages\/driver-/.test(moduleId)).flatMap((each) => [...each.children.allTests()])
    for (const report of reportsOf(tests)) {
      const name = `${report.driver} ${report.target}`.replaceAll(/[^a-z\d]+/g, '-')
      writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, undefined, 2)}\n`)
    }
  }
}

function reportsOf(tests: readonly TestCase[]): DriverReport[] {
  const reports = new Map<string, DriverReport>()
  for (const test of tests) {
    const place = placeOf(test)
    if (!place) continue
    const report = reports.get(place.target) ?? { driver: place.driver, target: place.target, results: {} }
    reports.set(place.target, report)
    const result = test.result()
    if (result.state === 'passed') report.results[`${place.group}: ${test.name}`] = 'passed'
    if (result.state === 'skipped') report.results[`${place.group}: ${test.name}`] = { skipped: result.note ?? 'not run' }
  }
  for (const test of tests) {
    const [, peer, name] = /^not on (\w+): (.*)$/.exec(test.name) ?? []
    const report = test.parent.type === 'suite' ? reports.get(test.parent.name) : undefined
    if (name === undefined || !report || test.result().state !== 'passed') continue
    report.results[`gaps: ${name}`] = { skipped: `${peer} does otherwise than the server that it stands for` }
  }
  return [...reports.values()].filter(({ results }) => Object.values(results).includes('passed'))
}

/** As `describeDriver` nests its cases: the group, in the driver, in what it runs on. */
function placeOf({ parent: group }: TestCase): { group: string; driver: string; target: string } | undefined {
  if (group.type !== 'suite' || group.parent.type !== 'suite') return undefined
  const driver = /^driver (\S+)$/.exec(group.parent.name)?.[1]
  const around = group.parent.parent
  return driver === undefined || around.type !== 'suite' ? undefined : { group: group.name, driver, target: around.name }
}
