import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes minutes begins first, so that nobody waits for it alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ project }: TestSpecification): number => (['crash', 'soak'].includes(project.name) ? 1 : 0)
    const sorted = await super.sort(files) // oxlint-disable-line unicorn/no-array-sort -- no array's
    return sorted.toSorted((a, b) => isLong(b) - isLong(a))
  }
}

// Tests run from the .ts sources of every package: nothing needs a build.
const conditions = ['@virtkit/source']
const project = (name: string, include: string[], more: object = {}) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { name, include, exclude: ['**/node_modules/**', '**/dist/**'], testTimeout: 30_000, ...more },
})

// Many small files in few processes: loading the packages anew for each was a fifth of their work. What a file opens, it closes.
const together = { isolate: false }

export default defineConfig({
  test: {
    // Half of what tests do is waiting for a disk or another process.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/tally-reporter.ts', './test/conformance-reporter.ts'],
    projects: [
      project('unit', ['packages/*/{src,test}/**/*.test.ts'], {
        ...together,
        // Most of it waits for simulated hypervisors: more of them at once, when the others are done.
        maxWorkers: 4,
        sequence: { groupOrder: 1 },
        exclude: ['**/*.{sqlite-pg,engines}.test.ts', '**/node_modules/**'],
      }),
      project('queue', ['{packages/{cli,queue}/test,test/queue-soak}/**/*.engines.test.ts'], {
        // One after the other: some of them take the engines away.
        fileParallelism: false,
        globalSetup: ['test/databases/global-setup.ts', 'test/engines/global-setup.ts'],
        testTimeout: 120_000,
        hookTimeout: 120_000,
      }),
      project('databases', ['{packages,test,bench}/**/*.sqlite-pg.test.ts', 'test/stories/**/*.test.ts'], {
        ...together,
        globalSetup: ['test/databases/global-setup.ts', 'test/databases/prepared-global-setup.ts'],
        testTimeout: 60_000,
      }),
      project('crash', ['test/crash/**/*.test.ts'], { globalSetup: ['test/databases/global-setup.ts'] }),
      project('soak', ['test/soak/**/*.test.ts'], {
        globalSetup: ['test/databases/global-setup.ts', 'test/databases/prepared-global-setup.ts'],
        testTimeout: 120_000,
      }),
      project('house', ['{test,bench/test,docs/test}/*.test.ts', 'examples/*/test/**/*.test.ts'], {
        exclude: ['**/*.sqlite-pg.test.ts', '**/node_modules/**'],
        testTimeout: 120_000,
      }),
      project('packages', ['test/packages/**/*.test.ts'], {
        globalSetup: ['test/packages/global-setup.ts'],
        testTimeout: 300_000,
      }),
    ],
  },
})
