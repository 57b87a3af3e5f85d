import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { emptyPostgres, lacks } from './server-urls.ts'

const missing = lacks('pg-boss')

it.skipIf(missing !== undefined)('examples/worker-queue installs a machine that was ordered by a message', async () => {
  const main = join(import.meta.dirname, '../../../examples/worker-queue/src/main.ts')
  const given = ['--conditions=@virtkit/source', main, await emptyPostgres()]
  const { stdout } = await promisify(execFile)(process.execPath, given, { timeout: 110_000 })
  const lines = stdout.trim().split('\n')
  expect(lines[0]).toBe('virtkit.machine.created machine/1')
  expect(lines).toContain('virtkit.install.ready machine/1')
})
