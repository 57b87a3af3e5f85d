import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { needs } from './install.ts'
import { listPackages, root, type Manifest } from './packages.ts'

// the manifests and the settings of this repository, in one of their own
const folder = mkdtempSync(join(tmpdir(), 'virtkit-versions-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] }
const manifests = globSync(
  workspaces.map((each) => `${each}/package.json`),
  { cwd: root },
)
for (const file of ['package.json', 'package-lock.json', '.changeset/config.json', ...manifests]) {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  cpSync(join(root, file), join(folder, file))
}
const git = (...parameters: string[]): string => needs(spawnSync('git', parameters, { cwd: folder, encoding: 'utf8' }))
const read = (file: string): Manifest => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Manifest

it('a change of one package gives all of them the next version, and what uses them follows', () => {
  writeFileSync(join(folder, '.changeset/a-repair.md'), `---\n'@virtkit/spi': patch\n---\n\nA repair.\n`)
  git('init', '--quiet', '--initial-branch', 'main')
  git('add', '.')
  git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message', 'All of it')
  const before = listPackages()[0]!.manifest.version
  const [major, minor, patch] = before.split('.').map(Number)
  const next = `${major}.${minor}.${patch! + 1}`

  const changeset = join(root, 'node_modules/@changesets/cli/bin.js')
  needs(spawnSync(process.execPath, [changeset, 'version'], { cwd: folder, encoding: 'utf8' }))

  const all = listPackages().map(({ home, manifest }) => [manifest.name, read(`packages/${home}/package.json`).version])
  expect(all).toEqual(all.map(([name]) => [name, next]))
  const asked = manifests.flatMap((file) => {
    const { dependencies = {}, devDependencies = {} } = read(file)
    const names = new Map(all as [string, string][])
    return Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) => names.has(name))
  })
  expect(asked.length).toBeGreaterThan(20)
  expect(asked.filter(([, range]) => range !== next)).toEqual([])
  expect(readFileSync(join(folder, 'packages/spi/CHANGELOG.md'), 'utf8')).toContain('A repair.')
})
