import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export interface ResumableDownload {
  readonly url: string
  /** Appears whole and with the right digest, or not at all, also when several processes write it. */
  readonly path: string
  readonly digest: string
  readonly algorithm: 'sha256' | 'sha512'
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal
}

/** A part that nobody has written to for so long was left by a process that died. */
const abandonedMs = 10 * 60_000

/**
 * Loads a large file piece by piece, in little memory, and goes on where an earlier attempt stopped, also one of another process
 * that died. Throws when it cannot be loaded; what there is of it waits for the next attempt, unless its digest is wrong.
 */
export async function downloadResumably(download: ResumableDownload): Promise<void> {
  const { path, digest, algorithm, signal } = download
  await mkdir(dirname(path), { recursive: true })
  const own = `${path}.${randomUUID()}.part`
  await takeOver(path, own)
  try {
    await append(download, own)
  } catch (error) {
    await rename(own, `${path}.part`).catch(() => {})
    throw error
  }
  const seen = createHash(algorithm)
  await pipeline(createReadStream(own), seen, { signal })
  if (seen.digest('hex') !== digest) {
    await rm(own, { force: true })
    throw new Error(`${download.url} is not what its publisher lists`)
  }
  await rename(own, path)
}

/** Renaming is the claim: of two that want a part, one gets it. */
async function takeOver(path: string, own: string): Promise<void> {
  const folder = dirname(path)
  const parts = (await readdir(folder)).filter((name) => name.startsWith(`${basename(path)}.`) && name.endsWith('.part'))
  for (const name of parts) {
    const left = join(folder, name)
    const { mtimeMs } = await stat(left).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    const isFree = name === `${basename(path)}.part` || Date.now() - mtimeMs > abandonedMs
    if (!isFree) continue
    const isOurs = await rename(left, own).then(
      () => true,
      () => false,
    )
    if (isOurs) return
  }
}

async function append({ url, fetch, signal }: ResumableDownload, part: string): Promise<void> {
  const { size } = await stat(part).catch(() => ({ size: 0 }))
  const headers = size > 0 ? { range: `bytes=${size}-`, 'accept-encoding': 'identity' } : { 'accept-encoding': 'identity' }
  const response = await fetch(url, { headers, signal })
  // Nothing is left to send: the part is whole, or longer than the file; its digest will tell.
  if (size > 0 && response.status === 416) return void (await response.body?.cancel())
  const goesOn = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${size}-`) === true
  if (!response.body || !(goesOn || response.status === 200)) {
    await response.body?.cancel()
    throw new Error(`${url} answered ${response.status}`)
  }
  await pipeline(Readable.fromWeb(response.body), createWriteStream(part, { flags: goesOn ? 'a' : 'w' }), { signal })
}
