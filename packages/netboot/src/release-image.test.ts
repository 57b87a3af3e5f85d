import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OpenInstallMedia } from '@virtkit/spi'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeDesk } from '../test/fake-desk.ts'
import { richPlan } from '../test/plans.ts'
import { readIso } from '../test/read-iso.ts'
import { memoryBootFiles } from './boot-files/memory-boot-files.ts'
import { netboot } from './netboot.ts'

const token = 'token-0123456789abcdef'
const call = { signal: new AbortController().signal }
const kernel = Buffer.alloc(200_000, 'kernel ')
let desk: FakeDesk
let media: OpenInstallMedia

beforeEach(async () => {
  desk = new FakeDesk(token, richPlan)
  const bootFiles = memoryBootFiles({ kernel, initrd: Buffer.from('initrd') })
  media = await netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles }).open(desk, call)
})
afterEach(() => media[Symbol.asyncDispose]())

describe('the image of a release', () => {
  const bytesOf = async (os: string, origin = media.origin): Promise<Buffer> => {
    const chunks: Uint8Array[] = []
    for await (const chunk of (await media.image!(os, origin, call)).content()) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  const ofRelease = (path: string, init?: RequestInit): Promise<Response> => fetch(`${media.origin}/release/${path}`, init)

  test('sends guests to the installer of its release, and nobody is told of it', async () => {
    const script =
      readIso(await bytesOf('rocky-9'))
        .files.get('SCRIPT.IPX')
        ?.toString() ?? ''
    const [, next] = /^chain --replace (\S+) /m.exec(script) ?? []
    const started = await (await fetch(next!)).text()
    expect(started).toContain(`kernel ${media.origin}/release/rocky-9/kernel `)
    expect(started).not.toContain('inst.ks')
    expect(Buffer.from(await (await ofRelease('rocky-9/kernel')).arrayBuffer()).equals(kernel)).toBe(true)
    expect((await ofRelease('rocky-9/initrd', { headers: { range: 'bytes=0-1' } })).status).toBe(206)
    expect(desk.reports).toEqual([])
  })

  test('is the same for the same origin, and holds no secret', async () => {
    const bytes = await bytesOf('debian-12')
    expect(bytes.equals(await bytesOf('debian-12'))).toBe(true)
    expect(bytes.equals(await bytesOf('debian-12', 'http://boot.example.test'))).toBe(false)
    expect(bytes.includes(token)).toBe(false)
    await expect(media.image!('beos-5', media.origin, call)).rejects.toThrow(/os: there is no release beos-5/)
    await expect(media.image!('debian-12', 'http://a/b\n', call)).rejects.toThrow(/origin: /)
  })

  test('of a release that has a medium of its own is that medium, as its publisher lists it', async () => {
    const image = 'FreeBSD'
    const digest = createHash('sha256').update(image).digest('hex')
    const answers = new Map([
      ['FreeBSD-14.3-RELEASE-amd64-bootonly.iso', image],
      ['CHECKSUM.SHA256-FreeBSD-14.3-RELEASE-amd64', `SHA256 (FreeBSD-14.3-RELEASE-amd64-bootonly.iso) = ${digest}\n`],
    ])
    const cacheDirectory = await mkdtemp(join(tmpdir(), 'virtkit-images-'))
    const own = await netboot({
      listen: { host: '127.0.0.1', port: 0 },
      bootFiles: memoryBootFiles({ kernel, initrd: kernel }),
      publishedImages: { cacheDirectory, fetch: async (url) => new Response(answers.get(String(url).split('/').at(-1)!)) },
    }).open(desk, call)
    try {
      const medium = await own.image!('freebsd-14.3', own.origin, call)
      const chunks: Uint8Array[] = []
      for await (const chunk of medium.content()) chunks.push(chunk)
      expect(Buffer.concat(chunks).toString()).toBe('FreeBSD')
      const unsupported = { code: 'UNSUPPORTED' }
      await expect(own.image!('windows-server-2022', own.origin, call)).rejects.toMatchObject(unsupported)
      await expect(media.image!('freebsd-14.3', media.origin, call)).rejects.toMatchObject(unsupported)
      const plan = { ...richPlan, os: 'windows-server-2022' }
      await expect(own.medium(plan, token, call)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    } finally {
      await own[Symbol.asyncDispose]()
      await rm(cacheDirectory, { recursive: true })
    }
  })

  test('nothing else is handed out for a release, and nothing to ask for is a path', async () => {
    for (const path of ['beos-5/kernel', 'debian-12/preseed.cfg', 'debian-12/report', '..%2f..%2fetc/kernel', '109/kernel'])
      expect((await ofRelease(path)).status).toBe(404)
    expect((await ofRelease('debian-12/kernel', { method: 'POST' })).status).toBe(405)
  })
})
