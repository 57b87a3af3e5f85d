import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareReports, readReports } from './compare-reports.ts'
import { missingPeers } from './peers.ts'
import { runOpenly, runQuietly, type Step } from './step.ts'
import type { Tally } from './tally-reporter.ts'
import { judge } from './verdict.ts'

// `npm test`: everything that can be proved without a hypervisor. Exit 0 means that every step passed and none was empty.

const startedAt = performance.now()
const folder = mkdtempSync(join(tmpdir(), 'virtkit-tests-'))
const tallyFile = (of: string): string => join(folder, `tally-of-${of}.json`)
const compiled = { NODE_COMPILE_CACHE: join(folder, 'compiled') }

const tests: Step = {
  name: 'tests',
  command: ['node_modules/vitest/vitest.mjs', 'run', '--project=!packages', '--project=!queue'],
  // hundreds of processes load the same code: each but the first finds it compiled
  environment: {
    VIRTKIT_TALLY: tallyFile('tests'),
    VIRTKIT_CONFORMANCE: join(folder, 'conformance'),
    ...compiled,
  },
}
const beside: Step[] = [
  { name: 'vSphere peer', command: ['test/vcsim/build-vcsim.ts'], proof: /^(not )?built: /m },
  { name: 'lint', command: ['node_modules/oxlint/bin/oxlint', '--deny-warnings'], proof: /on [1-9]\d* files/ },
  { name: 'format', command: ['node_modules/oxfmt/bin/oxfmt', '--check'], proof: /on [1-9]\d* files/ },
  { name: 'types', command: ['node_modules/typescript/bin/tsc', '-b', '--verbose'], proof: /Projects in this build:\s+\*/ },
  // after the types, which build what is packed here
  {
    name: 'packages',
    command: ['node_modules/vitest/vitest.mjs', 'run', '--project', 'packages'],
    environment: { VIRTKIT_TALLY: tallyFile('packages') },
  },
  // one file after the other, which would keep a core waiting at the end
  {
    name: 'queue',
    command: ['node_modules/vitest/vitest.mjs', 'run', '--project', 'queue'],
    environment: { VIRTKIT_TALLY: tallyFile('queue'), ...compiled },
  },
]

// what is quick runs beside the tests, one after the other
const running = runOpenly(tests)
const failed: (string | undefined)[] = []
for (const step of beside) failed.push(await runQuietly(step))
failed.push(await running)

const verdict = judge(readTallies(), await missingPeers(), Boolean(process.env.CI))
const stale = compareReports(readReports('docs/reference/reports'), readReports(join(folder, 'conformance')))
const problems = [...failed.filter((problem) => problem !== undefined), ...verdict.problems, ...stale]
const seconds = Math.round((performance.now() - startedAt) / 1000)
for (const line of verdict.lines) console.log(line)
for (const problem of problems) console.log(`✗ ${problem}`)
console.log(problems.length === 0 ? `✓ all passed in ${seconds} s` : `✗ failed after ${seconds} s`)
rmSync(folder, { recursive: true, force: true })
process.exitCode = problems.length === 0 ? 0 : 1

function readTallies(): Tally | undefined {
  try {
    const all = ['tests', 'packages', 'queue'].map((of) => JSON.parse(readFileSync(tallyFile(of), 'utf8')) as Tally)
    return { ...all[0]!, passed: sum(all.map(({ passed }) => passed)), skipped: sum(all.map(({ skipped }) => skipped)) }
  } catch {
    return undefined // the tests ended before they could write it
  }
}

function sum(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const each of counts) for (const [name, count] of Object.entries(each)) sums[name] = (sums[name] ?? 0) + count
  return sums
}
