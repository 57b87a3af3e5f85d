import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

/** Runs an example as a reader would, from its sources. */
async function example(file: string): Promise<string> {
  const { stdout } = await run(process.execPath, ['--conditions=@virtkit/source', file], { timeout: 60_000 })
  return stdout
}

it('examples/embed installs a machine and prints what it is told', async () => {
  const output = await example('examples/embed/src/main.ts')
  expect(output).toMatch(/^web-1 will be 10\.20\.0\.2$/m)
  expect(output).toMatch(/^finishing \d+ %$/m)
  expect(output).toMatch(/power: 'on'/)
  expect(output).toMatch(/addresses: \[ '10\.20\.0\.2' \]/)
})
