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

  test('nothing else is handed out for a release, and nothing to ask for is a path', async () => {
    for (const path of ['beos-5/kernel', 'debian-12/preseed.cfg', 'debian-12/report', '..%2f..%2fetc/kernel', '109/kernel'])
      expect((await ofRelease(path)).status).toBe(404)
    expect((await ofRelease('debian-12/kernel', { method: 'POST' })).status).toBe(405)
  })
})
