import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('the cases run under node:test as well, and print why one is skipped', async () => {
  const script = fileURLToPath(new URL('with-node-test.ts', import.meta.url))
  const args = ['--conditions=@virtkit/source', '--test-reporter=tap', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 })
  const count = (what: string): number => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1])
  expect(stdout).toContain('# SKIP no media facet')
  expect(stdout).toContain('# SKIP the target has no loseNextAnswer')
  expect(count('fail')).toBe(0)
  expect(count('pass')).toBeGreaterThan(100)
  expect(count('skipped')).toBeGreaterThan(50)
})
