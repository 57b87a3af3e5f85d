import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type BootMedium, type Call, VirtkitError, isVirtkitError } from '@virtkit/spi'
import { isMissing, openFile } from '../boot-files/open-file.ts'
import { SingleFlight } from '../boot-files/single-flight.ts'
import type { PublishedFile, PublishedSums } from '../catalog/published-files.ts'
import { signedBy } from './check-signature.ts'
import { digestOf } from './parse-sums.ts'
import { downloadResumably } from './resumable-download.ts'

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

const listBytes = 1024 * 1024

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
    const list = await this.#list(sums, keys[id], signal)
    const digest = digestOf(list, name, sums.algorithm)
    if (digest === undefined) throw new Error(`${sums.url} does not name ${name}`)
    const path = join(cacheDirectory, id, `${digest.slice(0, 16)}-${name}`)
    if (await isThere(path)) return path
    const wanted = { url, path, digest, algorithm: sums.algorithm, fetch }
    await this.#flights.join(path, signal, (all) => downloadResumably({ ...wanted, signal: all }))
    return path
  }

  async #list(sums: PublishedSums, key: string | undefined, signal: AbortSignal): Promise<string> {
    const list = await this.#small(sums.url, signal)
    if (key === undefined) return Buffer.from(list).toString()
    const { signature } = sums
    if (!signature) throw new Error('there is a key for it, and its publisher signs no list of digests')
    const detached = signature.kind === 'openpgp-inline' ? undefined : await this.#small(signature.url, signal)
    return Buffer.from(await signedBy(key, list, signature, detached, { signal })).toString()
  }

  /** A list or a signature: whoever sends more than such a thing has is not heard to the end. */
  async #small(url: string, signal: AbortSignal): Promise<Uint8Array> {
    const response = await (this.#options.fetch ?? globalThis.fetch)(url, { signal })
    if (!response.ok || !response.body) {
      await response.body?.cancel()
      throw new Error(`${url} answered ${response.status}`)
    }
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      length += chunk.length
      if (length > listBytes) throw new Error(`${url} is longer than ${listBytes} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
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
