import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { rolldown } from 'rolldown'
import { describe, expect, inject, it } from 'vitest'
import { needs } from './install.ts'
import { listPackages, root } from './packages.ts'

const { project } = inject('installed')
const packages = listPackages()
const doors = packages.flatMap((each) => each.doors.map(({ specifier }) => specifier))
const command = join(project, 'node_modules/@virtkit/cli/bin/virtkit.js')

/** Runs a program of the project's on plain Node: nothing of ours is in its environment. */
function run(...parameters: string[]): SpawnSyncReturns<string> {
  return runOn(process.execPath, ...parameters)
}
function runOn(node: string, ...parameters: string[]): SpawnSyncReturns<string> {
  const { NODE_OPTIONS: _, ...env } = process.env
  return spawnSync(node, parameters, { cwd: project, env: { ...env, NO_COLOR: '1' }, encoding: 'utf8' })
}
function write(name: string, text: string): string {
  writeFileSync(join(project, name), text)
  return name
}

it('every package has been installed', () => {
  const installed = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { dependencies: object }
  expect(Object.keys(installed.dependencies).toSorted()).toEqual(packages.map(({ manifest }) => manifest.name).toSorted())
})

describe('installed from its tarball', () => {
  it('every door opens, and leads to what was built', () => {
    const lines = doors.map(
      (door) =>
        `console.log('${door}', import.meta.resolve('${door}').split('/node_modules/')[1], Object.keys(await import('${door}')).length)`,
    )
    const opened = needs(run(write('import-all.js', lines.join('\n'))))
      .trim()
      .split('\n')
    expect(opened).toHaveLength(doors.length)
    for (const [index, door] of doors.entries())
      expect(opened[index]).toMatch(new RegExp(`^${door} @virtkit/[^/]+/dist/.+\\.js [1-9]`))
  })

  it('every door opens for require(), to the same module', () => {
    const lines = doors.map((door) => `import('${door}').then((it) => console.log(it === require('${door}')))`)
    const opened = needs(run(write('require-all.cjs', lines.join('\n'))))
      .trim()
      .split('\n')
    expect(opened).toEqual(doors.map(() => 'true'))
  })

  it('a kit installs a machine, on SQLite', () => {
    copyFileSync(join(root, 'examples/embed/src/main.ts'), join(project, 'embed.ts'))
    expect(needs(run('embed.ts', 'embed.db'))).toMatch(/^web-1 will be 10\.20\.0\.2$[^]*power: 'on'/m)
  })

  it('the client of the API is bundled for a browser, and needs nothing of Node', async () => {
    const entry = write('page.js', `import { createClient } from '@virtkit/rest/client'\nglobalThis.made = createClient`)
    const bundle = await rolldown({ input: join(project, entry), cwd: project, platform: 'browser', external: () => false })
    const { output } = await bundle.generate({ format: 'iife' })
    await bundle.close()
    const page = { URL, Headers, Request, fetch, AbortController } as Record<string, unknown>
    runInNewContext(output[0].code, page)
    expect(output[0].code).not.toMatch(/["'`]node:/)
    expect(page.made).toEqual(expect.any(Function))
  })
})

describe('the installed command', () => {
  it('says its version and what it can do', () => {
    const { version } = packages.find(({ home }) => home === 'cli')!.manifest
    expect(needs(run(command, '--version'))).toBe(`${version}\n`)
    expect(needs(run(command, '--help'))).toMatch(/^Usage: virtkit [^]*quickstart/)
  })

  it('npm puts it where a shell finds it', () => {
    expect(
      needs(spawnSync(join(project, 'node_modules/.bin/virtkit'), ['--version'], { encoding: 'utf8', env: onlyOurNode() })),
    ).not.toBe('')
  })

  it('does the quickstart', () => {
    expect(needs(run(command, 'quickstart', '--database', 'quickstart.db'))).toMatch(
      /web-3 is ready[^]*CONTINGENT_EXCEEDED/,
    )
  })

  // An older Node that says a module was loaded: a native one would end it without a word.
  const disguise = `process.dlopen = () => { console.log('a native module was loaded'); process.exit(139) }
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`
  const disguised = ['--import', `data:text/javascript,${encodeURIComponent(disguise)}`]

  it('says in plain words that Node is too old, and loads nothing', () => {
    const older = olderNodes()
    const runs = [run(...disguised, command, 'quickstart'), ...older.map((node) => runOn(node, command, 'quickstart'))]
    for (const { status, stdout, stderr } of runs) {
      expect(stderr).toMatch(/^Virtkit needs Node 22\.12 or newer; this is v/)
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    }
  })
})

/** Programs called `node` on this machine, but for those that npm brought, which are too old for us. */
function olderNodes(): string[] {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((path) => !path.includes('node_modules'))
    .map((path) => join(path, 'node'))
    .filter((node) => {
      const { status, stdout } = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' })
      return status === 0 && Number(stdout.split('.')[0]) < 22
    })
}

function onlyOurNode(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${join(process.execPath, '..')}${delimiter}${process.env.PATH}` }
}
