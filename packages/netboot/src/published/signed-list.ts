import type { PublishedSums } from '../catalog/published-files.ts'
import { signedBy } from './check-signature.ts'
import { digestOf } from './parse-sums.ts'

export interface ListRequest {
  /** The publisher's public key. With one, the list must be signed by it. */
  readonly key: string | undefined
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal
}

const listBytes = 1024 * 1024

/** A list that cannot be had just now, in contrast to one that cannot be believed. */
export class OutOfReach extends Error {
  override readonly name = 'OutOfReach'
}

/** A publisher's list of digests, as far as it is signed. Throws an `Error` that says why it cannot be believed. */
export async function readSignedList(sums: PublishedSums, request: ListRequest): Promise<string> {
  const list = await small(sums.url, request)
  const { key, signal } = request
  if (key === undefined) return Buffer.from(list).toString()
  const { signature, listedIn } = sums
  if (listedIn) {
    const name = sums.url.slice(listedIn.url.replace(/[^/]+$/, '').length)
    await checkListed(list, name, listedIn, request)
    return Buffer.from(list).toString()
  }
  if (!signature) throw new Error('there is a key for it, and its publisher signs no list of digests')
  const detached = signature.kind === 'openpgp-inline' ? undefined : await small(signature.url, request)
  return Buffer.from(await signedBy(key, list, signature, detached, { signal })).toString()
}

/** The list is in another one, which is signed. */
async function checkListed(list: Uint8Array, name: string, above: PublishedSums, request: ListRequest): Promise<void> {
  const wanted = digestOf(await readSignedList(above, request), name, above.algorithm)
  if (wanted === undefined) throw new Error(`${above.url} does not name ${name}`)
  const bytes = await crypto.subtle.digest(above.algorithm === 'sha256' ? 'SHA-256' : 'SHA-512', Buffer.from(list))
  if (Buffer.from(bytes).toString('hex') !== wanted) throw new Error(`the list of digests is not what ${above.url} lists`)
}

/** A list or a signature: whoever sends more than such a thing has is not heard to the end. */
async function small(url: string, { fetch, signal }: ListRequest): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    const response = await fetch(url, { signal })
    if (!response.ok || !response.body) {
      await response.body?.cancel()
      throw new OutOfReach(`${url} answered ${response.status}`)
    }
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      length += chunk.length
      if (length > listBytes) break
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof OutOfReach) throw cause
    throw new OutOfReach(`${url} could not be loaded (${cause instanceof Error ? cause.message : String(cause)})`, {
      cause,
    })
  }
  if (length > listBytes) throw new Error(`${url} is longer than ${listBytes} bytes`)
  return Buffer.concat(chunks)
}
