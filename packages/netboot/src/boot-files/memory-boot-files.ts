import { VirtkitError } from '@virtkit/spi'
import type { NetbootRelease } from '../catalog/netboot-release.ts'
import type { BootFileName, BootFiles } from './boot-files.ts'

/** Bytes by name: one value for all releases, or what a function says for each. */
export type MemoryFiles =
  | { readonly kernel: Uint8Array; readonly initrd: Uint8Array }
  | ((release: NetbootRelease, file: BootFileName) => Uint8Array | undefined)

/**
 * Boot files held in memory: for tests, simulators and small installers.
 *
 * @example
 * ```ts
 * memoryBootFiles((release, file) => myFiles.get(`${release.id}/${file}`))
 * ```
 */
export function memoryBootFiles(files: MemoryFiles): BootFiles {
  return {
    async open(release, file) {
      const bytes = typeof files === 'function' ? files(release, file) : files[file]
      if (!bytes) {
        throw new VirtkitError('NOT_FOUND', `There is no ${file} of ${release.id} in memory.`, {
          details: { what: 'boot file', id: `${release.id}/${file}` },
          hint: 'Give memoryBootFiles the bytes of every release that is installed.',
        })
      }
      return {
        sizeBytes: bytes.length,
        async *content(range) {
          const end = range?.end ?? bytes.length
          for (let at = range?.start ?? 0; at < end; at += chunkBytes)
            yield bytes.subarray(at, Math.min(at + chunkBytes, end))
        },
        close: async () => {},
      }
    },
  }
}

const chunkBytes = 65536
