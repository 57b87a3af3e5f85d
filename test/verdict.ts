import { installPostgres } from './databases/find-postgres.ts'
import type { MissingPeer } from './peers.ts'
import type { Tally } from './tally-reporter.ts'

export interface Verdict {
  /** What a person reads at the end of a run. */
  readonly lines: string[]
  /** What must not be so; none means that the run passed. */
  readonly problems: string[]
}

export const projects = ['unit', 'databases', 'crash', 'soak', 'house', 'packages'] as const
/** Nothing of it runs without engines, which not every machine has. */
export const queueProject = 'queue'

export const storageLine = ({ storage }: Pick<Tally, 'storage'>): string =>
  `storage tests: ${storage.sqlite} on SQLite, ${storage.postgres} on PostgreSQL`

/** Judges what the tests left behind: nothing may be empty, and in CI nothing may be missing. */
export function judge(tally: Tally | undefined, missing: readonly MissingPeer[], isCi: boolean): Verdict {
  if (tally === undefined) return { lines: [], problems: ['the tests left no result'] }
  const { sqlite, postgres } = tally.storage
  const absent = [...missing]
  if (postgres === 0 && missing.every(({ name }) => !name.startsWith('PostgreSQL'))) {
    absent.push({ name: 'PostgreSQL', because: 'it is there, but no test ran on it: see above', install: installPostgres })
  }
  const problems = [...projects, ...(isCi ? [queueProject] : [])]
    .filter((name) => !tally.passed[name])
    .map((name) => `the test project "${name}" checked nothing`)
  if (sqlite === 0) problems.push('no storage test ran on SQLite')
  if (postgres > 0 && sqlite !== postgres)
    problems.push('the storage tests that passed on the two engines are not the same number')
  if (isCi && absent.length > 0) problems.push('in CI nothing may be missing')
  const lines = [
    ...[...projects, queueProject].map((name) => `${name}: ${tally.passed[name] ?? 0} tests passed`),
    ...Object.entries(tally.skipped).map(([reason, tests]) => `skipped: ${tests} (${reason})`),
    storageLine(tally),
    ...absent.map(({ name, because, install }) => `missing: ${name}: ${because}\n  to install it: ${install}`),
  ]
  return { lines, problems }
}
