import { join } from 'node:path'
import { VirtkitError } from '@virtkit/spi'
import type { BootFiles } from './boot-files.ts'
import { isMissing, openFile } from './open-file.ts'

/**
 * Boot files that somebody has put into `<path>/<release id>/kernel` and `<path>/<release id>/initrd`.
 *
 * @example
 * ```ts
 * netboot({ listen, bootFiles: directoryBootFiles({ path: '/srv/virtkit/boot' }) })
 * ```
 */
export function directoryBootFiles(options: { readonly path: string }): BootFiles {
  return {
    async open(release, file) {
      const path = join(options.path, release.id, file)
      try {
        return await openFile(path)
      } catch (error) {
        if (!isMissing(error)) throw error
        throw new VirtkitError('NOT_FOUND', `There is no ${file} of ${release.id} in the folder of boot files.`, {
          details: { what: 'boot file', id: `${release.id}/${file}` },
          hint: `Put it at ${path}; on the release's mirror it is ${release.bootFiles[file]}.`,
          cause: error,
        })
      }
    },
  }
}
