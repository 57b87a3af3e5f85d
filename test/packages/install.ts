import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { listPackages, root } from './packages.ts'

/** What a release puts into the registry, and a project that has all of it and nothing else. */
export interface Installed {
  /** The tarball of each package, by the package's name. */
  readonly tarballs: Readonly<Record<string, string>>
  /** An empty project outside of the repository, into which the tarballs were installed. */
  readonly project: string
}

/** Packs what was built and installs it, from the registry that npm is set up for. No install script runs: none is needed. */
export function installPackages(): Installed & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-installed-'))
  const [packed, project] = [join(folder, 'packed'), join(folder, 'virtkit')]
  for (const each of [packed, project]) mkdirSync(each)
  const packages = listPackages()
  const workspaces = packages.flatMap(({ home }) => ['--workspace', `packages/${home}`])
  needs(npm(root, 'pack', ...workspaces, '--pack-destination', packed, '--silent'))
  const files = readdirSync(packed)
  const tarballs = Object.fromEntries(
    packages.flatMap(({ manifest: { name, version } }) => {
      const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`
      return files.includes(file) ? [[name, join(packed, file)]] : []
    }),
  )
  const version = packages[0]?.manifest.version
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'virtkit', version, private: true, type: 'module' }))
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  needs(npm(project, 'install', ...quietly, ...Object.values(tarballs)))
  return { tarballs, project, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Runs npm on our Node in a folder, as if nobody had been running npm already. */
export function npm(cwd: string, ...parameters: string[]): SpawnSyncReturns<string> {
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }
  for (const name of Object.keys(env))
    if (/^npm_(package|lifecycle|command|config_local_prefix)/.test(name)) delete env[name]
  return spawnSync('npm', parameters, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    shell: process.platform === 'win32',
  })
}

/** What a program printed; it throws when the program failed. */
export function needs({ status, stdout, stderr, error }: SpawnSyncReturns<string>): string {
  if (status !== 0) throw new Error(`exit ${status}\n${stdout}\n${stderr}`, { cause: error })
  return stdout
}
