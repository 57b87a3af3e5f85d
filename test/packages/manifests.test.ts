import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTree, sourcesOf, packageOf, isTest } from '../house/sources.ts'
import { copyleft } from '../house-rules.ts'
import { listPackages, root, type Manifest } from './packages.ts'

const packages = listPackages()
const house = readTree(root)
const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]))
const ours = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { repository: { url: string } }

/** What the sources of a package import, types included; tests do not count. */
const importedBy = (home: string): Set<string> =>
  new Set(
    sourcesOf(house, [`packages/${home}/src/**`])
      .filter(({ path }) => !isTest(path))
      .flatMap(({ imports }) => imports.map(({ specifier }) => packageOf(specifier))),
  )

/** What a dependency, or one of its own, asks whoever depends on it to bring. */
function peersOf(name: string): string[] {
  const file = join(root, 'node_modules', name, 'package.json')
  const { peerDependencies = {}, dependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as Manifest
  return [...Object.keys(peerDependencies), ...Object.keys(dependencies).flatMap(peersOf)]
}

it('there are packages to look at', () => expect(packages.length).toBeGreaterThanOrEqual(10))

describe.each(packages.map((each) => [each.manifest.name, each] as const))(
  '%s',
  (name, { home, folder, manifest, doors }) => {
    it('says what it is, for whom, and where it comes from', () => {
      expect(manifest).toMatchObject({
        name: `@virtkit/${home}`,
        description: expect.stringMatching(/\w{3}/),
        license: home === 'driver-proxmox' ? 'GPL-3.0-or-later' : 'Apache-2.0',
        repository: { type: 'git', url: ours.repository.url, directory: `packages/${home}` },
        type: 'module',
        engines: { node: '>=22.12' },
        publishConfig: { access: 'public', provenance: true },
      })
      expect(manifest).toHaveProperty('sideEffects')
      expect(manifest).not.toHaveProperty('private')
      expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain(`# ${name}\n`)
    })

    it('has the text of its licence', () => {
      const title = copyleft.test(manifest.license!) ? 'GNU GENERAL PUBLIC LICENSE' : 'Apache License'
      expect(readFileSync(join(folder, 'LICENSE'), 'utf8').trimStart()).toMatch(new RegExp(`^${title}\\b`))
    })

    it('has doors with sources, types and code, and is built with the others', () => {
      for (const { source, types, code } of doors) {
        expect(existsSync(join(folder, source))).toBe(true)
        const built = source.replace('./src/', './dist/').replace(/\.ts$/, '')
        expect({ types, code }).toEqual({ types: `${built}.d.ts`, code: `${built}.js` })
      }
      // types first after our own condition: compilers take what comes first
      for (const conditions of Object.values(manifest.exports ?? {}))
        if (typeof conditions !== 'string') expect(Object.keys(conditions)).toEqual(['@virtkit/source', 'types', 'default'])
      expect(doors.length + Object.keys(manifest.bin ?? {}).length).toBeGreaterThan(0)
      expect(readFileSync(join(root, 'tsconfig.packages.json'), 'utf8')).toContain(`"packages/${home}"`)
    })

    it('asks for what it imports and for nothing else', () => {
      const imported = importedBy(home)
      const { dependencies = {}, peerDependencies = {} } = manifest
      const brought = Object.keys(dependencies).flatMap(peersOf)
      expect(Object.keys(dependencies).filter((each) => !imported.has(each) && !brought.includes(each))).toEqual([])
      for (const each of Object.keys(peerDependencies)) expect(Object.keys(dependencies)).not.toContain(each)
      const declared = new Set([name, 'node:*', ...Object.keys({ ...dependencies, ...peerDependencies })])
      expect([...imported].filter((each) => !each.startsWith('.') && !declared.has(each))).toEqual([])
    })

    it('works without its peers', () => {
      const { peerDependencies = {}, peerDependenciesMeta = {} } = manifest
      expect(Object.keys(peerDependenciesMeta).toSorted()).toEqual(Object.keys(peerDependencies).toSorted())
      for (const meta of Object.values(peerDependenciesMeta)) expect(meta).toEqual({ optional: true })
    })

    it('goes with the others of its own version only', () => {
      const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = manifest
      const siblings = Object.entries({ ...dependencies, ...devDependencies, ...peerDependencies }).filter(([each]) =>
        versions.has(each),
      )
      for (const [each, range] of siblings) expect([each, range]).toEqual([each, manifest.version])
      expect(new Set(versions.values()).size).toBe(1)
    })
  },
)
