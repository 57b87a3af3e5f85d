import { describe, expect, it } from 'vitest'
import { compareReports } from './compare-reports.ts'
import { runQuietly } from './step.ts'
import type { Tally } from './tally-reporter.ts'
import { judge } from './verdict.ts'

const good: Tally = {
  passed: { unit: 9, databases: 8, crash: 6, soak: 2, house: 7, packages: 5, queue: 4 },
  storage: { sqlite: 4, postgres: 4 },
  skipped: { 'no media facet': 3 },
}
const missing = [
  { name: 'PostgreSQL', because: 'the package is not installed', install: 'npm install postgres-of-this-machine' },
]

describe('the verdict on a test run', () => {
  it('passes when every project ran and both engines ran the same tests', () => {
    expect(judge(good, [], true).problems).toEqual([])
    expect(judge(good, [], true).lines).toContain('storage tests: 4 on SQLite, 4 on PostgreSQL')
    expect(judge(good, [], true).lines).toContain('skipped: 3 (no media facet)')
  })

  it.each(['unit', 'databases', 'crash', 'soak', 'house', 'packages'])(
    'fails when the project %s checked nothing',
    (project) => {
      expect(judge({ ...good, passed: { ...good.passed, [project]: 0 } }, [], false).problems).toHaveLength(1)
    },
  )

  it('fails when the queue was not tested, in CI only: not every machine has its engines', () => {
    const without: Tally = { ...good, passed: { ...good.passed, queue: 0 } }
    expect(judge(without, [], false).problems).toEqual([])
    expect(judge(without, [], true).problems).toEqual(['the test project "queue" checked nothing'])
  })

  it('fails when the tests left no result, or none on SQLite, or fewer on one engine', () => {
    expect(judge(undefined, [], false).problems).toHaveLength(1)
    expect(judge({ ...good, storage: { sqlite: 0, postgres: 4 } }, [], false).problems).toContain(
      'no storage test ran on SQLite',
    )
    expect(judge({ ...good, storage: { sqlite: 4, postgres: 3 } }, [], false).problems).toHaveLength(1)
  })

  it('names a missing peer with the command that brings it, and fails on it in CI only', () => {
    const sqliteOnly: Tally = { ...good, storage: { sqlite: 4, postgres: 0 } }
    expect(judge(sqliteOnly, missing, false).problems).toEqual([])
    expect(judge(sqliteOnly, missing, false).lines.join('\n')).toContain('npm install postgres-of-this-machine')
    expect(judge(sqliteOnly, missing, true).problems).toEqual(['in CI nothing may be missing'])
    expect(judge(sqliteOnly, [], true).problems).toEqual(['in CI nothing may be missing'])
  })
})

describe('the reports of drivers', () => {
  const kept = new Map([['acme.json', '{}']])

  it('pass as they are kept; one of a peer that is not here is not asked for', () => {
    expect(compareReports(new Map([...kept, ['other.json', '{}']]), kept)).toEqual([])
  })

  it('fail when a driver does something else than its report says, has none, or none was checked', () => {
    expect(compareReports(kept, new Map([['acme.json', '{"x":1}']]))).toHaveLength(1)
    expect(compareReports(new Map(), kept).join()).toContain('npm run docs:reports')
    expect(compareReports(kept, new Map())).toEqual(['no driver was held against the conformance cases'])
  })
})

describe('a step of the run', () => {
  const step = (program: string): Promise<string | undefined> =>
    runQuietly({ name: 'step', command: ['-e', program], proof: /on [1-9]\d* files/ })

  it('passes when it ends well and shows what it looked at', async () => {
    expect(await step(`console.log('done on 12 files')`)).toBeUndefined()
  })

  it('fails when it ends badly, or when it looked at nothing', async () => {
    expect(await step(`console.log('done on 12 files'); process.exit(3)`)).toBe('step failed (exit 3)')
    expect(await step(`console.log('done on 0 files')`)).toBe('step checked nothing')
  })
})
