import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { bundleProgram } from '../bundle-program.ts'
import type { CoreCopy } from './mutants/core-copy.ts'

export interface PackedProgram extends AsyncDisposable {
  readonly path: string
  /** What its processes run in: what one has compiled, its successors need not. */
  readonly environment: NodeJS.ProcessEnv
}

/** A program of the soak with our core in it, or with a copy that has something turned. */
export async function packProgram(program: URL, core?: CoreCopy): Promise<PackedProgram> {
  const folder = resolve(import.meta.dirname, '../../.tmp/soak', randomUUID())
  const path = await bundleProgram(program, folder, core?.doors)
  return {
    path,
    environment: { ...process.env, NODE_COMPILE_CACHE: join(dirname(path), 'compiled'), NODE_OPTIONS: '' },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
