import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Clock, VirtkitError } from '@virtkit/spi'
import type { Keeper } from '../world/world-core.ts'

export interface StateFile extends Keeper {
  /** Begins to keep what `render` answers. */
  begin(render: () => string): void
}

/** The text of the file; undefined when there is none yet. */
export async function readStateFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw unwritable(error)
  }
}

/**
 * Keeps a text in a file. Promises: the file holds one whole state at any moment, whenever the process dies; many changes
 * while one state is written become one more write.
 */
export function createStateFile(path: string, clock: Clock): StateFile {
  let render: (() => string) | undefined
  let touched = 0
  let written = 0
  let writing: Promise<void> | undefined

  const write = async (): Promise<void> => {
    // One turn for what is changed in the same breath.
    await Promise.resolve()
    const current = touched
    await replaceFile(path, render?.() ?? '')
    written = current
  }
  const saved = async (upTo: number): Promise<void> => {
    while (render && written < upTo) {
      writing ??= clock.during(write).finally(() => (writing = undefined))
      await writing
    }
  }
  return {
    begin: (given) => {
      render = given
      touched += 1
    },
    touch: () => {
      touched += 1
      // A failure is told to the next one who asks whether all is safe.
      saved(touched).catch(() => undefined)
    },
    saved: () => saved(touched),
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(`${path}.new`, 'w', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
    await syncFolder(dirname(path))
  } catch (error) {
    throw unwritable(error)
  }
}

/** A rename is safe when its folder is; some platforms cannot open a folder, and there it is safe at once. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  } catch {
    // Windows.
  }
}

function unwritable(cause: unknown): VirtkitError<'HYPERVISOR_REFUSED'> {
  return new VirtkitError('HYPERVISOR_REFUSED', 'The simulator cannot read or write its state file.', {
    details: { reason: 'state file' },
    outcome: 'unknown',
    cause,
    hint: 'Check that its folder can be written and that the disk has room.',
  })
}
