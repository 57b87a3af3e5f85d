import { relative } from 'node:path'
import { rmSync } from 'node:fs'
import { reportApis, staleReports } from './api-reports.ts'
import { root } from './packages.ts'

// `npm run api`: writes `packages/*/api/*.api.md` anew from what was built, and says what changed.

const reports = reportApis('write')
const stale = staleReports(reports)
for (const file of stale) rmSync(file)
const changed = reports.filter(({ isOutdated }) => isOutdated).map(({ file }) => file)
for (const file of [...changed, ...stale]) console.log(`changed: ${relative(root, file)}`)
console.log(`${reports.length} doors, ${changed.length + stale.length} reports changed`)
