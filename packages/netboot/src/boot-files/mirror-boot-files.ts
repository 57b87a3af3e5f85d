import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, VirtkitError, isVirtkitError, systemClock } from '@virtkit/spi'
import type { NetbootRelease } from '../catalog/netboot-release.ts'
import type { BootFileName, BootFiles } from './boot-files.ts'
import { download } from './download.ts'
import { type Digest, listedDigest } from './listed-digest.ts'
import { isMissing, openFile } from './open-file.ts'
import { SingleFlight } from './single-flight.ts'

export interface MirrorBootFilesOptions {
  /** Several processes may share one. */
  readonly cacheDirectory: string
  /** Other mirrors, by release id. */
  readonly mirrors?: Readonly<Record<string, string>>
  /** SHA-256 in hex by `<release id>/<kernel or initrd>`: counts instead of what the publisher lists. */
  readonly sha256?: Readonly<Record<string, string>>
  /**
   * The publishers' public keys by release id, as armored OpenPGP text. With a key, the list of digests must be signed by it (`gpgv`
   * must be installed); without one, the list stands and falls with the transport.
   */
  readonly keys?: Readonly<Record<string, string>>
  /**
   * After this time a file is loaded again (default: a day): a kernel of the last point release does not find its modules on
   * a mirror of this one. When the mirror is out of reach, the older file is used.
   */
  readonly maxAgeMs?: number
  readonly fetch?: typeof globalThis.fetch
  readonly clock?: Clock
}

/**
 * Boot files from each release's mirror, loaded when first asked for, held against the publisher's list of digests where the catalog
 * knows one, and kept in a folder.
 *
 * Throws `NOT_FOUND` when the mirror has no such file or the release has no mirror, `CONFLICT` for a file that is not what its
 * publisher lists, `INSTALL_FAILED` when file or list is out of reach.
 */
export function mirrorBootFiles(options: MirrorBootFilesOptions): BootFiles {
  const { cacheDirectory, maxAgeMs = 86_400_000, fetch = globalThis.fetch, clock = systemClock } = options
  const flights = new SingleFlight()
  return {
    async open(release, file, signal) {
      const base = baseOf(release, file, options.mirrors?.[release.id])
      const url = `${base}/${release.bootFiles[file]}`
      // Another mirror is another file.
      const origin = createHash('sha256').update(url).digest('hex').slice(0, 12)
      const path = join(cacheDirectory, release.id, `${file}-${origin}`)
      const loadedAt = await modifiedAt(path)
      if (loadedAt === undefined || clock.now() - loadedAt > maxAgeMs) {
        const loading = flights.join(path, signal, async (all) => {
          const digest = await digestFor(options, release, file, base, all)
          await download({ url, path, digest, fetch, signal: all })
        })
        await loading.catch((error: unknown) => {
          signal.throwIfAborted()
          if (loadedAt === undefined || isVirtkitError(error, 'CONFLICT')) throw error
        })
      }
      return openFile(path)
    },
  }
}

function digestFor(
  { sha256 = {}, keys = {}, fetch = globalThis.fetch }: MirrorBootFilesOptions,
  release: NetbootRelease,
  file: BootFileName,
  base: string,
  signal: AbortSignal,
): Promise<Digest | undefined> {
  const hex = sha256[`${release.id}/${file}`]
  if (hex !== undefined) return Promise.resolve({ algorithm: 'sha256', hex, by: 'the option sha256' })
  return listedDigest(release, file, base, { key: keys[release.id], fetch, signal })
}

function baseOf(release: NetbootRelease, file: BootFileName, mirror: string | undefined): string {
  const base = mirror ?? release.bootFiles.base ?? release.mirror
  if (base !== undefined) return base.replace(/\/+$/, '')
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
