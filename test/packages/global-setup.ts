import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { installPackages, needs, type Installed } from './install.ts'
import { root } from './packages.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    installed: Installed
  }
}

/** Builds, packs and installs once, for all tests of the project. */
export function setup(project: TestProject): () => void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  needs(spawnSync(process.execPath, [tsc, '-b', 'tsconfig.packages.json'], { cwd: root, encoding: 'utf8' }))
  const installed = installPackages()
  project.provide('installed', { tarballs: installed.tarballs, project: installed.project })
  return () => installed[Symbol.dispose]()
}
