import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** One thing that is turned in a file of core. */
export interface SourceChange {
  /** From `packages/core/src`. */
  readonly file: string
  /** Must be found exactly once: a mutant that has lost its hold is none. */
  readonly from: RegExp
  readonly to: string
}

/** A copy of core's sources with something turned in it. */
export interface CoreCopy extends Disposable {
  /** The file that is to stand in for each door of core. */
  readonly doors: Readonly<Record<string, string>>
}

export function copyCore(changes: readonly SourceChange[]): CoreCopy {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-mutant-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    cpSync(resolve(root, 'packages/core/src'), join(folder, 'src'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    symlinkSync(resolve(root, 'node_modules'), join(folder, 'node_modules'))
    for (const change of changes) apply(join(folder, 'src', change.file), change)
    const doors = {
      '@virtkit/core': join(folder, 'src/index.ts'),
      '@virtkit/core/inversify': join(folder, 'src/inversify.ts'),
    }
    return { doors, [Symbol.dispose]: remove }
  } catch (error) {
    remove()
    throw error
  }
}

function apply(path: string, { file, from, to }: SourceChange): void {
  const text = readFileSync(path, 'utf8')
  const found = text.match(new RegExp(from, 'g'))?.length ?? 0
  if (found !== 1) throw new Error(`${file}: ${from} is found ${found} times, not once; look where it has gone`)
  writeFileSync(path, text.replace(from, to))
}
