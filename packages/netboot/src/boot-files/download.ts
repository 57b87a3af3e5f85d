import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { VirtkitError, isVirtkitError, notFound } from '@virtkit/spi'
import type { Digest } from './listed-digest.ts'

export interface Download {
  readonly url: string
  /** Appears whole or not at all, also when several processes write it. */
  readonly path: string
  /** Undefined: nobody says what must be in it. */
  readonly digest: Digest | undefined
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal
}

/**
 * Throws `NOT_FOUND` when the mirror has no such file, `CONFLICT` for one with another digest, and `INSTALL_FAILED` for everything
 * that may pass.
 */
export async function download({ url, path, digest, fetch, signal }: Download): Promise<void> {
  const part = `${path}.${randomUUID()}.part`
  try {
    const response = await fetch(url, { signal })
    if (response.status === 404) {
      await response.body?.cancel()
      throw notFound('boot file', url)
    }
    if (!response.ok || !response.body) {
      await response.body?.cancel()
      throw failed(`${url} answered ${response.status}`)
    }
    await mkdir(dirname(path), { recursive: true })
    const seen = await save(Readable.fromWeb(response.body), part, digest?.algorithm ?? 'sha256', signal)
    // A compressed transfer has another length than the file.
    const announced = response.headers.has('content-encoding') ? null : response.headers.get('content-length')
    if (announced !== null && Number(announced) !== seen.sizeBytes) {
      throw failed(`${url} announced ${announced} bytes and sent ${seen.sizeBytes}`)
    }
    if (seen.sizeBytes === 0) throw failed(`${url} is empty`)
    if (digest && digest.hex.toLowerCase() !== seen.digest) throw changed(url, digest)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    if (isVirtkitError(error)) throw error
    throw failed(`${url} could not be loaded`, error)
  }
}

async function save(
  source: Readable,
  path: string,
  algorithm: Digest['algorithm'],
  signal: AbortSignal,
): Promise<{ sizeBytes: number; digest: string }> {
  const hash = createHash(algorithm)
  let sizeBytes = 0
  const measure = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk)
      sizeBytes += chunk.length
      yield chunk
    }
  }
  await pipeline(source, measure, createWriteStream(path, { flags: 'wx' }), { signal })
  return { sizeBytes, digest: hash.digest('hex') }
}

function changed(url: string, { algorithm, by }: Digest): VirtkitError<'CONFLICT'> {
  const name = algorithm === 'sha256' ? 'SHA-256' : 'SHA-512'
  return new VirtkitError('CONFLICT', `${url} has another ${name} than ${by} says.`, {
    details: { field: algorithm, with: by },
    hint: 'It is not served. A mirror that is just being updated mends itself; else it was changed on the way or on the mirror.',
  })
}

function failed(reason: string, cause?: unknown): VirtkitError<'INSTALL_FAILED'> {
  return new VirtkitError('INSTALL_FAILED', `The boot files are out of reach: ${reason}.`, {
    details: { phase: 'booted', reason },
    hint: 'Is the mirror reachable from here? A nearer one can be named with mirrorBootFiles({ mirrors }).',
    ...(cause === undefined ? {} : { cause }),
  })
}
