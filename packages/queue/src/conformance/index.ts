/** What an engine promises, as cases: run them against one of your own. */
export { type EngineTestRunner, describeEngine } from './describe-engine.ts'
export { type EngineCase, type EngineLab, engineCases } from './engine-cases.ts'
export type { EngineTarget, OpenEngine } from './engine-target.ts'
