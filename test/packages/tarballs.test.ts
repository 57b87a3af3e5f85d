import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { describe, expect, inject, it } from 'vitest'
import { listPackages } from './packages.ts'

const { tarballs, project } = inject('installed')
const packages = listPackages()

/** What a package that is ESM only, for Node 22.12 and bundlers, does not promise. */
const notPromised = ['node10', 'node16-cjs']

describe.each(packages.map((each) => [each.manifest.name, each] as const))(
  'the tarball of %s',
  (name, { doors, folder }) => {
    const read = (): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(tarballs[name]!))

    it('is as publint wants it', async () => {
      const { messages, pkg } = await publint({ pack: { tarball: read().buffer }, strict: true })
      expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
    })

    it('leads compilers to the right types', async () => {
      const analysis = await checkPackage(createPackageFromTarballData(read()))
      if (!analysis.types) throw new Error(`${name} has no types`)
      expect(Object.keys(analysis.entrypoints).filter((way) => way !== './package.json')).toHaveLength(doors.length)
      expect(
        analysis.problems.filter((each) => !('resolutionKind' in each) || !notPromised.includes(each.resolutionKind)),
      ).toEqual([])
    })

    it('holds each source beside what was built from it, and no tests', () => {
      const unpacked = join(project, 'node_modules', name)
      const files = globSync('**/*', { cwd: unpacked, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(unpacked.length + 1))
      const builtFrom = (source: string): string[] =>
        ['.js', '.js.map', '.d.ts', '.d.ts.map'].map((end) => source.replace(/^src(.*)\.ts$/, `dist$1${end}`))
      const sources = files.filter((file) => file.startsWith('src/'))
      expect(sources.length).toBeGreaterThan(2)
      expect(sources.filter((file) => /\.test\.ts$|\/testing\//.test(file))).toEqual([])
      expect(files.filter((file) => file.startsWith('dist/')).toSorted()).toEqual(sources.flatMap(builtFrom).toSorted())
      const others = files.filter((file) => !/^(src|dist)\//.test(file)).toSorted()
      const command = existsSync(join(folder, 'bin')) ? ['bin/virtkit.js'] : []
      expect(others).toEqual(['LICENSE', 'README.md', ...command, 'package.json'])
    })

    it('has maps that lead to its sources', () => {
      const unpacked = join(project, 'node_modules', name)
      const maps = globSync('dist/**/*.map', { cwd: unpacked }).map((file) => join(unpacked, file))
      expect(maps.length).toBeGreaterThan(2)
      const lost = maps.filter((map) => {
        const { sources } = JSON.parse(readFileSync(map, 'utf8')) as { sources: string[] }
        return sources.length === 0 || sources.some((source) => !existsSync(join(dirname(map), source)))
      })
      expect(lost).toEqual([])
    })
  },
)
