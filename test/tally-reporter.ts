import { writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { engineTitles, type Engine } from './databases/engines.ts'
import { storageLine } from './verdict.ts'

/** What ran, counted where it can be counted truly: from the results themselves. */
export interface Tally {
  /** Passed tests of each vitest project that ran. */
  readonly passed: Record<string, number>
  /** Passed storage tests on each engine. */
  readonly storage: Record<Engine, number>
  /** How many tests were skipped for which reason; a test that gives none is named. */
  readonly skipped: Record<string, number>
}

/** Prints how many storage tests ran on each engine, or leaves the tally in the file that `VIRTKIT_TALLY` names. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tally: Tally = { passed: {}, storage: { sqlite: 0, postgres: 0 }, skipped: {} }
    for (const module of modules) {
      tally.passed[module.project.name] ??= 0
      for (const test of module.children.allTests()) count(tally, module.project.name, test)
    }
    const file = process.env.VIRTKIT_TALLY
    if (file) writeFileSync(file, JSON.stringify(tally))
    else if ('databases' in tally.passed) console.log(storageLine(tally))
  }
}

function count(tally: Tally, project: string, test: TestCase): void {
  const result = test.result()
  if (result.state === 'skipped') {
    const reason = result.note ?? test.fullName
    tally.skipped[reason] = (tally.skipped[reason] ?? 0) + 1
  }
  if (result.state !== 'passed') return
  tally.passed[project] = (tally.passed[project] ?? 0) + 1
  const engine = engineOf(test)
  if (engine) tally.storage[engine] += 1
}

function engineOf(test: TestCase): Engine | undefined {
  for (let above = test.parent; above.type === 'suite'; above = above.parent) {
    if (above.name === engineTitles.sqlite) return 'sqlite'
    if (above.name === engineTitles.postgres) return 'postgres'
  }
  return undefined
}
