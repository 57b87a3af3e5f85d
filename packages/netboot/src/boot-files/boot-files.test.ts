import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, isVirtkitError, systemClock } from '@virtkit/spi'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { catalog } from '../../test/plans.ts'
import type { BootFile } from './boot-files.ts'
import { directoryBootFiles } from './directory-boot-files.ts'
import { memoryBootFiles } from './memory-boot-files.ts'
import { mirrorBootFiles } from './mirror-boot-files.ts'

const debian = catalog.find('debian-12')!
const { signal } = new AbortController()
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtkit-boot-files-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function read(file: BootFile, range?: { start: number; end: number }): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of file.content(range)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function contentOf(opening: Promise<BootFile>): Promise<string> {
  const file = await opening
  try {
    return await read(file)
  } finally {
    await file.close()
  }
}

describe('boot files in memory and in a folder', () => {
  test('are read whole and in parts', async () => {
    await mkdir(join(folder, 'debian-12'))
    await writeFile(join(folder, 'debian-12', 'kernel'), 'a kernel')
    const bytes = new TextEncoder().encode('a kernel')
    for (const files of [directoryBootFiles({ path: folder }), memoryBootFiles({ kernel: bytes, initrd: bytes })]) {
      const file = await files.open(debian, 'kernel', signal)
      expect(file.sizeBytes).toBe(8)
      expect(await read(file, { start: 2, end: 5 })).toBe('ker')
      await file.close()
      expect(await contentOf(files.open(debian, 'kernel', signal))).toBe('a kernel')
    }
  })

  test('that are not there say where they belong', async () => {
    const missing = directoryBootFiles({ path: folder }).open(debian, 'initrd', signal)
    await expect(missing).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: expect.stringContaining(join('debian-12', 'initrd')),
    })
    const unknown = memoryBootFiles(() => undefined).open(debian, 'initrd', signal)
    await expect(unknown).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('boot files of a mirror', () => {
  /** A mirror, with a list of digests that names what it answers; `asked` are the files. */
  const answering = (answer: (url: string) => Response): { fetch: typeof fetch; asked: string[] } => {
    const asked: string[] = []
    return {
      asked,
      fetch: async (input) => {
        const url = String(input)
        await new Promise(setImmediate)
        if (!url.endsWith('/SHA256SUMS')) {
          asked.push(url)
          return answer(url)
        }
        const beside = url.replace('SHA256SUMS', '')
        const lines = ['linux', 'initrd.gz'].map(async (name) => {
          const path = `netboot/debian-installer/amd64/${name}`
          const content = Buffer.from(await answer(beside + path).arrayBuffer())
          return `${createHash('sha256').update(content).digest('hex')}  ./${path}\n`
        })
        return new Response((await Promise.all(lines)).join(''))
      },
    }
  }

  test('are loaded once, for all who ask at the same time and later', async () => {
    const mirror = answering((url) => new Response(`content of ${url.split('/').at(-1)}`))
    const files = mirrorBootFiles({ cacheDirectory: folder, fetch: mirror.fetch })
    const contents = await Promise.all([1, 2, 3].map(() => contentOf(files.open(debian, 'kernel', signal))))
    expect(contents).toEqual(Array(3).fill('content of linux'))
    expect(await contentOf(files.open(debian, 'kernel', signal))).toBe('content of linux')
    expect(mirror.asked).toEqual([`http://deb.debian.org/debian/${debian.bootFiles.kernel}`])
  })

  test('come from the mirror that the host names, and those of another mirror are other files', async () => {
    const mirror = answering((url) => new Response(url))
    const own = mirrorBootFiles({
      cacheDirectory: folder,
      fetch: mirror.fetch,
      mirrors: { 'debian-12': 'http://10.0.0.3/deb/' },
    })
    expect(await contentOf(own.open(debian, 'kernel', signal))).toBe(`http://10.0.0.3/deb/${debian.bootFiles.kernel}`)
    const usual = mirrorBootFiles({ cacheDirectory: folder, fetch: mirror.fetch })
    expect(await contentOf(usual.open(debian, 'kernel', signal))).toContain('deb.debian.org')
  })

  test('are loaded again when they have grown old, and used all the same while the mirror is down', async () => {
    let version = 1
    const mirror = answering(() =>
      version === 2 ? new Response('busy', { status: 503 }) : new Response(`version ${version}`),
    )
    let ahead = 0
    const clock: Clock = { ...systemClock, now: () => Date.now() + ahead }
    const files = mirrorBootFiles({ cacheDirectory: folder, fetch: mirror.fetch, clock, maxAgeMs: 3_600_000 })
    const now = (): Promise<string> => contentOf(files.open(debian, 'kernel', signal))
    expect(await now()).toBe('version 1')
    ahead = 4_000_000
    version = 2
    expect(await now()).toBe('version 1')
    version = 3
    expect(await now()).toBe('version 3')
  })

  test.each([
    ['cut short', () => new Response('short', { headers: { 'content-length': '50' } }), {}, 'announced 50 bytes'],
    ['empty', () => new Response(''), {}, 'is empty'],
    ['refused for now', () => new Response('', { status: 502 }), {}, 'answered 502'],
    [
      'out of reach',
      () => {
        throw new Error('connect ECONNREFUSED')
      },
      {},
      'ECONNREFUSED',
    ],
  ])('that are %s are refused and leave nothing behind', async (_, answer, options, text) => {
    const files = mirrorBootFiles({ cacheDirectory: folder, fetch: answering(answer).fetch, ...options })
    const error: unknown = await files.open(debian, 'kernel', signal).catch((thrown: unknown) => thrown)
    expect(isVirtkitError(error, 'INSTALL_FAILED') && error.message).toContain(text)
    const left = await readdir(folder, { recursive: true })
    expect(left.filter((name) => name.includes('kernel'))).toEqual([])
  })

  test.each([
    ['the host', { sha256: { 'debian-12/kernel': '0'.repeat(64) } }, 'evil', 'the option sha256'],
    ['its publisher', {}, 'good', 'SHA256SUMS'],
  ])('that are not what %s says are CONFLICT, though an older one is there', async (_, options, first, by) => {
    let kernel = first
    const mirror = answering(() => new Response(kernel))
    let list: Response | undefined
    const fetch: typeof globalThis.fetch = async (input, init) => {
      if (!String(input).endsWith('SHA256SUMS')) return mirror.fetch(input, init)
      list ??= await mirror.fetch(input, init)
      return list.clone()
    }
    const files = mirrorBootFiles({ cacheDirectory: folder, fetch, maxAgeMs: -1, ...options })
    if (first === 'good') expect(await contentOf(files.open(debian, 'kernel', signal))).toBe('good')
    kernel = 'evil'
    const error: unknown = await files.open(debian, 'kernel', signal).catch((thrown: unknown) => thrown)
    expect(isVirtkitError(error, 'CONFLICT') && error.message).toContain(by)
    const left = await readdir(folder, { recursive: true })
    expect(left.filter((name) => name.includes('kernel'))).toHaveLength(first === 'good' ? 1 : 0)
  })

  test.each([
    ['is not there', (): Response => new Response('', { status: 404 }), 'answered 404', 'INSTALL_FAILED'],
    ['does not name them', (): Response => new Response(`${'0'.repeat(64)}  ./gtk/linux\n`), 'does not name', 'CONFLICT'],
  ])('whose list of digests %s are not served', async (_, list, text, code) => {
    const fetch: typeof globalThis.fetch = async (input) =>
      String(input).endsWith('SHA256SUMS') ? list() : new Response('kernel')
    const files = mirrorBootFiles({ cacheDirectory: folder, fetch })
    await expect(files.open(debian, 'kernel', signal)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text),
      hint: expect.stringContaining("sha256: { 'debian-12/kernel'"),
    })
  })

  test('with the expected SHA-256 are taken', async () => {
    const sha256 = { 'debian-12/kernel': createHash('sha256').update('good').digest('hex').toUpperCase() }
    const files = mirrorBootFiles({ cacheDirectory: folder, fetch: answering(() => new Response('good')).fetch, sha256 })
    expect(await contentOf(files.open(debian, 'kernel', signal))).toBe('good')
  })

  test('that the mirror does not have are NOT_FOUND, as are those of a release without a mirror', async () => {
    const files = mirrorBootFiles({
      cacheDirectory: folder,
      fetch: answering(() => new Response('', { status: 404 })).fetch,
    })
    await expect(files.open(debian, 'kernel', signal)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const rhel = catalog.find('rhel-9')!
    await expect(files.open(rhel, 'kernel', signal)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: expect.stringContaining("mirrors: { 'rhel-9'"),
    })
  })

  test('are no longer loaded when the last who waited has left', async () => {
    const asked = Promise.withResolvers<void>()
    const aborted = Promise.withResolvers<void>()
    const fetch: typeof globalThis.fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        asked.resolve()
        init?.signal?.addEventListener('abort', () => {
          aborted.resolve()
          reject(new Error('aborted'))
        })
      })
    const files = mirrorBootFiles({ cacheDirectory: folder, fetch })
    const [one, two] = [new AbortController(), new AbortController()]
    const first = files.open(debian, 'kernel', one.signal).catch((error: unknown) => error)
    const second = files.open(debian, 'kernel', two.signal).catch((error: unknown) => error)
    await asked.promise
    one.abort(new Error('the first left'))
    expect(await first).toMatchObject({ message: 'the first left' })
    two.abort(new Error('the second left'))
    await aborted.promise
    expect(await second).toMatchObject({ message: 'the second left' })
  })
})
