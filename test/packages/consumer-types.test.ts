import { spawnSync } from 'node:child_process'
import { copyFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { listPackages, root } from './packages.ts'

const { project } = inject('installed')
const doors = listPackages().flatMap((each) => each.doors.map(({ specifier }) => specifier))

/** The compiler of this repository, and the last one before it, which API Extractor brings. */
const compilers = {
  7: join(root, 'node_modules/typescript/bin/tsc'),
  6: join(
    dirname(createRequire(createRequire(import.meta.url).resolve('@microsoft/api-extractor')).resolve('typescript')),
    'tsc.js',
  ),
}

it.each([
  [7, 'nodenext', 'nodenext'],
  [7, 'node16', 'node16'],
  [7, 'esnext', 'bundler'],
  [6, 'nodenext', 'nodenext'],
] as const)(
  'TypeScript %s takes our declarations, strictly: module %s, resolution %s',
  (release, module, moduleResolution) => {
    const folder = `types-${release}-${moduleResolution}`
    const files = {
      'doors.ts': doors.map((door, index) => `export * as door${index} from '${door}'\n`).join(''),
      'embed.ts': undefined,
    }
    for (const [name, text] of Object.entries(files)) {
      if (text === undefined) copyFileSync(join(root, 'examples/embed/src/main.ts'), join(project, `${folder}-${name}`))
      else writeFileSync(join(project, `${folder}-${name}`), text)
    }
    const compilerOptions = {
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      target: 'es2022',
      lib: ['es2023', 'esnext.disposable'],
      module,
      moduleResolution,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    }
    writeFileSync(
      join(project, `${folder}.json`),
      JSON.stringify({ compilerOptions, files: Object.keys(files).map((name) => `${folder}-${name}`) }),
    )
    const { status, stdout } = spawnSync(process.execPath, [compilers[release], '-p', `${folder}.json`, '--listFiles'], {
      cwd: project,
      encoding: 'utf8',
    })
    const lines = stdout.trim().split('\n')
    expect(lines.filter((line) => line.includes('error TS'))).toEqual([])
    expect(status).toBe(0)
    // It read what was built, and no source that lies beside it.
    const read = lines.filter((line) => line.includes('/@virtkit/'))
    expect(read.length).toBeGreaterThan(100)
    expect(read.filter((line) => !line.endsWith('.d.ts'))).toEqual([])
  },
)
