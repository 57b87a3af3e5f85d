import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@virtkit/spi'
import type { MediaStore } from '../world/media-store.ts'

/** Media in a folder, one file each. What is half-written has another name and is gone after the next start. */
export async function openMediaFolder(folder: string, known: ReadonlySet<string>, clock: Clock): Promise<MediaStore> {
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) {
    if (/^iso-[0-9a-f]{4}-\d+(\.new)?$/.test(name) && !known.has(name)) await rm(join(folder, name), { force: true })
  }
  return {
    write: (id) => {
      const path = join(folder, id)
      const file = open(`${path}.new`, 'w', 0o600)
      // Told to whoever appends first.
      file.catch(() => undefined)
      const close = async (): Promise<void> => (await file).close()
      return {
        append: (chunk) => clock.during(async () => void (await (await file).writeFile(chunk))),
        keep: () =>
          clock.during(async () => {
            await (await file).sync()
            await close()
            await rename(`${path}.new`, path)
          }),
        discard: () =>
          clock.during(async () => {
            await close().catch(() => undefined)
            await rm(`${path}.new`, { force: true })
          }),
      }
    },
    read: (id) =>
      clock.during(async () => {
        try {
          return await readFile(join(folder, id))
        } catch (error) {
          if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
          throw error
        }
      }),
    remove: (id) => clock.during(() => rm(join(folder, id), { force: true })),
  }
}
