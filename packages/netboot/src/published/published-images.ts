import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type BootMedium, type Call, VirtkitError, isVirtkitError } from '@virtkit/spi'
import { isMissing, openFile } from '../boot-files/open-file.ts'
import { SingleFlight } from '../boot-files/single-flight.ts'
import type { PublishedFile } from '../catalog/published-files.ts'
import { digestOf } from './parse-sums.ts'
import { downloadResumably } from './resumable-download.ts'
import { readSignedList } from './signed-list.ts'

export interface PublishedImagesOptions {
  /** Several processes may share one. */
  readonly cacheDirectory: string
  /**
   * The publishers' public keys by release id, as text: an armored OpenPGP block, or signify's key file. With a key, the list of
   * digests must be signed by it; without one, the list stands and falls with the transport.
   */
  readonly keys?: Readonly<Record<string, string>>
  readonly fetch?: typeof globalThis.fetch
}

/**
 * The publishers' own images, checked against their lists of digests and kept in a folder under names that tell what is in them.
 * A broken download goes on where it stopped; memory does not grow with the image.
 */
export class PublishedImages {
  readonly #options: PublishedImagesOptions
  readonly #flights = new SingleFlight()

  constructor(options: PublishedImagesOptions) {
    this.#options = options
  }

  /** Throws `INSTALL_FAILED` with the reason for an image that is out of reach or not what its publisher has signed. */
  async open(id: string, image: PublishedFile, call: Call): Promise<BootMedium> {
    try {
      const path = await this.#load(id, image, call)
      const { size } = await stat(path)
      return { kind: 'iso', sizeBytes: size, content: () => read(path) }
    } catch (error) {
      call.signal.throwIfAborted()
      if (isVirtkitError(error)) throw error
      const reason = error instanceof Error ? error.message : String(error)
      throw new VirtkitError('INSTALL_FAILED', `The image of ${id} cannot be had: ${reason}.`, {
        details: { phase: 'published', reason },
        cause: error,
      })
    }
  }

  async #load(id: string, { url, sums }: PublishedFile, { signal }: Call): Promise<string> {
    const { cacheDirectory, keys = {}, fetch = globalThis.fetch } = this.#options
    if (!sums) throw new Error('its publisher lists no digests')
    const name = url.split('/').at(-1) ?? ''
    const list = await readSignedList(sums, { key: keys[id], fetch, signal })
    const digest = digestOf(list, name, sums.algorithm)
    if (digest === undefined) throw new Error(`${sums.url} does not name ${name}`)
    const path = join(cacheDirectory, id, `${digest.slice(0, 16)}-${name}`)
    if (await isThere(path)) return path
    const wanted = { url, path, digest, algorithm: sums.algorithm, fetch }
    await this.#flights.join(path, signal, (all) => downloadResumably({ ...wanted, signal: all }))
    return path
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

async function* read(path: string): AsyncGenerator<Uint8Array> {
  const file = await openFile(path)
  try {
    yield* file.content()
  } finally {
    await file.close()
  }
}
