import assert from 'node:assert/strict'
import type { DriverCase } from './driver-case.ts'
import { driverCases } from './driver-cases/driver-cases.ts'
import type { DriverTarget } from './driver-target.ts'
import { caseTimeoutMs, runCase } from './run-case.ts'

/** The part of a test runner that is needed; vitest's and `node:test`'s fit as they are. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: (name: string, options: { timeout: number }, body: (context: SkipContext) => Promise<void>) => unknown
}

export interface SkipContext {
  skip(reason?: string): void
}

/**
 * Declares one test per case. What a driver does not claim shows as skipped, with the reason; a run in which every case was
 * skipped fails.
 *
 * @example
 * ```ts
 * import { describe, it } from 'vitest'
 * import { describeDriver } from '@virtkit/spi/conformance'
 *
 * describeDriver({ describe, it }, { driver: acme, options: { url: 'http://127.0.0.1:8006' } })
 * ```
 */
export function describeDriver(runner: TestRunner, target: DriverTarget, cases: readonly DriverCase[] = driverCases): void {
  const { describe, it } = runner
  let executed = 0
  describe(`driver ${target.driver.name}`, () => {
    for (const [group, members] of Map.groupBy(cases, (driverCase) => driverCase.id.split('.')[0] ?? '')) {
      describe(group, () => {
        for (const driverCase of members) {
          // The deadline is the case's own, so that it can still clean up; the runner's is for when even that hangs.
          it(driverCase.name, { timeout: caseTimeoutMs(driverCase, target) + 20_000 }, async (context) => {
            const { result, error } = await runCase(driverCase, target)
            if (result.status === 'skipped') return context.skip(result.reason)
            executed += 1
            if (result.status === 'failed') throw failure(driverCase, result.reason, error)
          })
        }
      })
    }
    it('checked at least one case', { timeout: 5000 }, async () => {
      assert.ok(executed > 0, 'no case was executed: this run has proved nothing')
    })
  })
}

function failure(driverCase: DriverCase, reason: string | undefined, cause: unknown): Error {
  const failed = new assert.AssertionError({
    message: `${reason}\n  promise: ${driverCase.promise}\n  case: ${driverCase.id}`,
  })
  if (cause instanceof Error && cause.stack) failed.stack = `${failed.message}\n${stackLines(cause.stack)}`
  return failed
}

function stackLines(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n')
}
