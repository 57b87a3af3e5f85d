import { randomUUID } from 'node:crypto'
import { engineCases } from './engine-cases.ts'
import type { EngineTarget, OpenEngine } from './engine-target.ts'

/** Of a test runner: vitest, node:test, jest. */
export interface EngineTestRunner {
  describe(name: string, declare: () => void): unknown
  it(name: string, run: () => Promise<void>): unknown
}

/**
 * Declares a test for each promise of `QueueEngine`.
 *
 * @example
 * ```ts
 * describeEngine({ describe, it }, { name: 'acme', open, cut, mend, attempts })
 * ```
 */
export function describeEngine({ describe, it }: EngineTestRunner, target: EngineTarget): void {
  describe(`${target.name} keeps what a queue engine promises`, () => {
    for (const { name, run } of engineCases) {
      it(name, async () => {
        const opened: OpenEngine[] = []
        const open = async () => {
          const one = await target.open()
          opened.push(one)
          return one.engine
        }
        try {
          await run({ target, queue: `virtkit.test.${randomUUID()}`, open })
        } finally {
          for (const each of opened.toReversed()) await each.close()
        }
      })
    }
  })
}
