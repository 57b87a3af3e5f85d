import { checkDriver, driverCases } from '@virtkit/spi/conformance'
import { startVcsim } from '@virtkit/test-vcsim'
import { vcsimTarget } from '../test/vcsim-target.ts'
import { native, nodeVsphereSoap } from '../src/index.ts'
const model = (process.argv[2] ?? 'vcenter') as 'vcenter' | 'esxi'
const only = process.argv[3]
const vcsim = await startVcsim({ model, datastores: 2, machines: 1, pageLimit: 5 })
console.log('up', vcsim.url)
const { target } = vcsimTarget(vcsim, model, process.argv[5] ? nodeVsphereSoap() : native())
const cases = only ? driverCases.filter((c) => new RegExp(only).test(c.id)) : driverCases
const report = await checkDriver(
  { ...target, caseTimeoutMs: 12000 },
  {
    cases,
    onResult: (r) =>
      r.status !== 'passed' || r.durationMs > 3000 ? console.log(r.status, r.id, r.durationMs, r.reason ?? '') : undefined,
  },
)
console.log(report.passed, report.failed, report.notClaimed, report.notLookedAt, report.durationMs)
if (process.argv[4]) console.log(await vcsim.counts())
console.log('invalid?', await vcsim.validateRequests().catch((e) => String(e).slice(0, 3000)))
await vcsim.close()
process.exit(0)
