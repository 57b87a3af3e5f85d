import { open } from 'node:fs/promises'
import type { BootFile } from './boot-files.ts'

/** A boot file on disk. Whoever replaces the path while it is open does not disturb it. Throws what the file system says. */
export async function openFile(path: string): Promise<BootFile> {
  const handle = await open(path, 'r')
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new Error('not a regular file')
    return {
      sizeBytes: stat.size,
      content: ({ start, end } = { start: 0, end: stat.size }) =>
        start < end
          ? handle.createReadStream({ start, end: end - 1, autoClose: false, highWaterMark: chunkBytes })
          : nothing(),
      readInto: async (buffer, at) => (await handle.read(buffer, 0, buffer.length, at)).bytesRead,
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** True for the error of a path that does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

// Kernels and initrds are sent to many guests at once: fewer and larger reads.
const chunkBytes = 524_288
