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
const tallyFiles = { tests: join(folder, 'tally.json'), packages: join(folder, 'tally-of-packages.json') }

const tests: Step = {
  name: 'tests',
  command: ['node_modules/vitest/vitest.mjs', 'run', '--project=!packages'],
  // hundreds of processes load the same code: each but the first finds it compiled
  environment: {
    VIRTKIT_TALLY: tallyFiles.tests,
    VIRTKIT_CONFORMANCE: join(folder, 'conformance'),
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
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
    environment: { VIRTKIT_TALLY: tallyFiles.packages },
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
    const read = (file: string): Tally => JSON.parse(readFileSync(file, 'utf8')) as Tally
    const [most, packages] = [read(tallyFiles.tests), read(tallyFiles.packages)]
    return { ...most, passed: { ...most.passed, ...packages.passed }, skipped: { ...most.skipped, ...packages.skipped } }
  } catch {
    return undefined // the tests ended before they could write it
  }
}
