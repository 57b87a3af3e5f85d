import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
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

it('every example runs in a test: here, in one beside, or in its own', () => {
  const files = ['test/examples.test.ts', 'test/mount-examples.test.ts', 'packages/queue/test/example.engines.test.ts']
  const tests = files.map((file) => readFileSync(file, 'utf8')).join()
  const folders = readdirSync('examples', { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(folders.length).toBeGreaterThan(7)
  const idle = folders
    .map(({ name }) => name)
    .filter((name) => !tests.includes(`examples/${name}/src/main.ts'`) && !tests.includes(`'${name}'`) && !hasTests(name))
  expect(idle).toEqual([])
})

/** As `vitest.config.ts` finds them. */
function hasTests(name: string): boolean {
  const files = readdirSync(`examples/${name}`, { recursive: true, encoding: 'utf8' })
  return files.some((file) => /^test\/.*\.test\.ts$/.test(file.replaceAll('\\', '/')))
}
