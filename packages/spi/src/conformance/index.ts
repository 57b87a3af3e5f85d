/**
 * The cases that prove a driver, and what runs them: `describeDriver` inside a test runner, `checkDriver` without one.
 */
export type { DriverTarget, FaultableMethod, GuestContent, TargetHook, TargetHooks } from './driver-target.ts'
export type { DriverCase, Need, SnapshotDegree } from './driver-case.ts'
export type { Lab, LabMachine, LabPlace } from './lab.ts'
export type { CaseResult } from './case-result.ts'
export { type SkipContext, type TestRunner, describeDriver } from './describe-driver.ts'
export { type CheckOptions, checkDriver } from './check-driver.ts'
export { type ConformanceReport, renderReport, renderResult } from './conformance-report.ts'
export { driverCases } from './driver-cases/driver-cases.ts'
