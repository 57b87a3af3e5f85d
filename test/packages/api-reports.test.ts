import { relative } from 'node:path'
import { expect, it } from 'vitest'
import { reportApis, staleReports } from './api-reports.ts'
import { root } from './packages.ts'

it('what can be imported is what the reports say: after a change that is meant, npm run api', () => {
  const reports = reportApis('compare')
  expect(reports.length).toBeGreaterThan(10)
  const outdated = reports.filter(({ isOutdated }) => isOutdated).map(({ file }) => relative(root, file))
  expect({ outdated, stale: staleReports(reports) }).toEqual({ outdated: [], stale: [] })
})
