import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, VirtkitError, systemClock } from '@virtkit/spi'
import type { NetbootRelease } from '../catalog/netboot-release.ts'
import type { BootFileName, BootFiles } from './boot-files.ts'
import { download } from './download.ts'
import { isMissing, openFile } from './open-file.ts'
import { SingleFlight } from './single-flight.ts'

export interface MirrorBootFilesOptions {
  /** Several processes may share one. */
  readonly cacheDirectory: string
  /** Other mirrors, by release id. */
  readonly mirrors?: Readonly<Record<string, string>>
  /** SHA-256 in hex by `<release id>/<kernel or initrd>`; what is not listed is not checked. */
  readonly sha256?: Readonly<Record<string, string>>
  /**
   * After this time a file is loaded again (default: a day): a kernel of the last point release does not find its modules on
   * a mirror of this one. When the mirror is out of reach, the older file is used.
   */
  readonly maxAgeMs?: number
  readonly fetch?: typeof globalThis.fetch
  readonly clock?: Clock
}

/**
 * Boot files from each release's mirror, loaded when first asked for and kept in a folder.
 * Throws `NOT_FOUND` when the mirror has no such file or the release has no mirror, `INSTALL_FAILED` when it is out of reach.
 */
export function mirrorBootFiles(options: MirrorBootFilesOptions): BootFiles {
  const { cacheDirectory, maxAgeMs = 86_400_000, fetch = globalThis.fetch, clock = systemClock } = options
  const flights = new SingleFlight()
  return {
    async open(release, file, signal) {
      const url = bootFileUrl(release, file, options.mirrors?.[release.id])
      // Another mirror is another file.
      const origin = createHash('sha256').update(url).digest('hex').slice(0, 12)
      const path = join(cacheDirectory, release.id, `${file}-${origin}`)
      const loadedAt = await modifiedAt(path)
      if (loadedAt === undefined || clock.now() - loadedAt > maxAgeMs) {
        const sha256 = options.sha256?.[`${release.id}/${file}`]
        const loading = flights.join(path, signal, (all) => download({ url, path, sha256, fetch, signal: all }))
        await (loadedAt === undefined ? loading : loading.catch(() => signal.throwIfAborted()))
      }
      return openFile(path)
    },
  }
}

function bootFileUrl(release: NetbootRelease, file: BootFileName, mirror: string | undefined): string {
  const base = mirror ?? release.bootFiles.base ?? release.mirror
  if (base !== undefined) return `${base.replace(/\/+$/, '')}/${release.bootFiles[file]}`
  throw new VirtkitError('NOT_FOUND', `${release.name} has no public mirror to load its ${file} from.`, {
    details: { what: 'boot file', id: `${release.id}/${file}` },
    hint: `Name one with mirrorBootFiles({ mirrors: { '${release.id}': 'https://…' } }), or use directoryBootFiles.`,
  })
}

async function modifiedAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
