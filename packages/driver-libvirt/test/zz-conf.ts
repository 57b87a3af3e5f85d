import { checkDriver, renderResult } from '@virtkit/spi/conformance'
import { openLab } from '/work/wt/libvirt-driver/packages/driver-libvirt/test/lab.ts'
const want = process.argv[2] ? new RegExp(process.argv[2]) : undefined
const { driverCases } = await import('/work/wt/libvirt-driver/packages/spi/src/conformance/driver-cases/driver-cases.ts')
const lab = await openLab()
const t = performance.now()
let n = 0
const report = await checkDriver(lab.target, { cases: driverCases.filter((c:any)=>!want||want.test(c.id)), onResult: (r)=>{ n++; if (r.status!=='passed'||r.durationMs>1000||process.argv[3]) console.log(r.durationMs, r.id, renderResult(r)) } })
console.log(report.passed, 'passed', report.failed, 'failed', report.notClaimed, report.notLookedAt, Math.round(performance.now()-t), report.product)
if (process.argv[4]) console.log(lab.libvirtd.log().slice(-3000))
await lab[Symbol.asyncDispose]()
