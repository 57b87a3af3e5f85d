import { VirtkitError } from '@virtkit/spi'
import type { NetbootRelease } from '../catalog/netboot-release.ts'
import type { PublishedSums } from '../catalog/published-files.ts'
import { digestOf } from '../published/parse-sums.ts'
import { type ListRequest, OutOfReach, readSignedList } from '../published/signed-list.ts'
import type { BootFileName } from './boot-files.ts'

export interface Digest {
  readonly algorithm: 'sha256' | 'sha512'
  /** Hex, in lower case. */
  readonly hex: string
  /** Who says so, for messages. */
  readonly by: string
}

/**
 * What must be in a boot file by its publisher's list of digests; undefined where the catalog knows none. `base` is what the
 * release's paths are relative to. Throws `INSTALL_FAILED` for a list that is out of reach, `CONFLICT` for one that is not signed by
 * the key that is there for it, or does not name the file.
 */
export async function listedDigest(
  { id, bootFiles }: NetbootRelease,
  file: BootFileName,
  base: string,
  request: ListRequest,
): Promise<Digest | undefined> {
  const { sums } = bootFiles
  if (!sums) return undefined
  try {
    const list = await readSignedList(absolute(sums, base), request)
    // Lists name their files as seen from where they lie.
    const folder = sums.url.replace(/[^/]+$/, '')
    const path = bootFiles[file]
    const name = path.startsWith(folder) ? path.slice(folder.length) : path
    const hex = digestOf(list, name, sums.algorithm)
    if (hex === undefined) throw new Error(`${sums.url} does not name ${name}`)
    return { algorithm: sums.algorithm, hex, by: sums.url }
  } catch (cause) {
    request.signal.throwIfAborted()
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `What must be in the ${file} of ${id} is not known: ${reason}.`
    const hint = `Name its SHA-256 with mirrorBootFiles({ sha256: { '${id}/${file}': '…' } }), or a mirror that has the list.`
    if (cause instanceof OutOfReach) {
      throw new VirtkitError('INSTALL_FAILED', message, { details: { phase: 'booted', reason }, hint, cause })
    }
    throw new VirtkitError('CONFLICT', message, { details: { field: sums.algorithm, with: sums.url }, hint, cause })
  }
}

function absolute(sums: PublishedSums, base: string): PublishedSums {
  const at = (url: string): string => (/^https?:/.test(url) ? url : `${base}/${url}`)
  const { signature, listedIn } = sums
  return {
    ...sums,
    url: at(sums.url),
    ...(signature && { signature: 'url' in signature ? { ...signature, url: at(signature.url) } : signature }),
    ...(listedIn && { listedIn: absolute(listedIn, base) }),
  }
}
