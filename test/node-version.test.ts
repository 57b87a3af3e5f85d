import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

// the command as it is packed, with a program behind it that says when it was reached
const folder = mkdtempSync(join(tmpdir(), 'virtkit-command-'))
const command = join(folder, 'bin', 'virtkit.js')
for (const name of ['bin', 'dist']) mkdirSync(join(folder, name))
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
writeFileSync(join(folder, 'dist', 'main.js'), `console.log('started', ...process.argv.slice(2))`)
copyFileSync(fileURLToPath(new URL('../packages/cli/bin/virtkit.js', import.meta.url)), command)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the command on a Node, or on ours that says it is another. */
function run(node: string, claimed?: string): { status: number | null; stdout: string; stderr: string } {
  const versions = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${claimed}' } })`
  const disguise = claimed ? ['--import', `data:text/javascript,${encodeURIComponent(versions)}`] : []
  return spawnSync(node, [...disguise, command, 'quickstart'], { encoding: 'utf8' })
}

describe('the virtkit command', () => {
  it.each(['12.22.12', '18.20.8', '20.20.2', '22.11.0'])('refuses Node %s in plain words', (version) => {
    const { status, stdout, stderr } = run(process.execPath, version)
    expect(stderr).toContain(`Virtkit needs Node 22.12 or newer; this is v${version}`)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  })

  it.each(['22.12.0', '24.0.0', '26.3.1'])('starts on Node %s', (version) => {
    expect(run(process.execPath, version)).toEqual(expect.objectContaining({ status: 0, stdout: 'started quickstart\n' }))
  })

  it('refuses the older Node that is installed here, or starts on the newer one', () => {
    const installed = (process.env.PATH ?? '')
      .split(delimiter)
      .filter((path) => !path.includes('node_modules'))
      .map((path) => join(path, 'node'))
    const versions = [process.execPath, ...installed]
      .map((node) => ({ node, version: versionOf(node) }))
      .filter(({ version }) => version)
    for (const { node, version } of versions) {
      const [major = 0, minor = 0] = version!.split('.').map(Number)
      const isTooOld = major < 22 || (major === 22 && minor < 12)
      const { status, stdout, stderr } = run(node)
      expect({ status, stdout }).toEqual(
        isTooOld ? { status: 1, stdout: '' } : { status: 0, stdout: 'started quickstart\n' },
      )
      if (isTooOld) expect(stderr).toContain(`this is v${version}`)
    }
    expect(versions.length).toBeGreaterThan(0)
  })
})

function versionOf(node: string): string | undefined {
  const { status, stdout } = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}
