import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { type OpenInstallMedia, Secret, VirtkitError, isVirtkitError, systemClock } from '@virtkit/spi'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeDesk } from '../test/fake-desk.ts'
import { plainPlan, richPlan } from '../test/plans.ts'
import { readIso } from '../test/read-iso.ts'
import type { BootFiles } from './boot-files/boot-files.ts'
import { memoryBootFiles } from './boot-files/memory-boot-files.ts'
import { netboot } from './netboot.ts'
import type { NetbootOptions } from './netboot-options.ts'

const token = 'token-0123456789abcdef'
const call = { signal: new AbortController().signal }
const kernel = Buffer.alloc(200_000, 'kernel ')
const options: NetbootOptions = {
  listen: { host: '127.0.0.1', port: 0 },
  bootFiles: memoryBootFiles({ kernel, initrd: Buffer.from('initrd') }),
}
let desk: FakeDesk
let media: OpenInstallMedia

beforeEach(async () => {
  desk = new FakeDesk(token, richPlan)
  media = await netboot(options).open(desk, call)
})
afterEach(() => media[Symbol.asyncDispose]())

const ask = (file: string, init?: RequestInit, of = token): Promise<Response> =>
  fetch(`${media.origin}/boot/${of}/${file}`, init)
const get = async (file: string): Promise<string> => (await ask(file)).text()

/** Opens other media for the time of one test. */
async function serving(more: Partial<NetbootOptions>, use: () => Promise<void>): Promise<void> {
  const usual = media
  media = await netboot({ ...options, ...more }).open(desk, call)
  try {
    await use()
  } finally {
    await media[Symbol.asyncDispose]()
    media = usual
  }
}

async function scriptOf(of: OpenInstallMedia, plan = richPlan): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of (await of.medium(plan, token, call)).content()) chunks.push(chunk)
  return readIso(Buffer.concat(chunks)).files.get('SCRIPT.IPX')?.toString() ?? ''
}

describe('a guest that is to be installed', () => {
  test('gets its script, and has booted by that', async () => {
    expect(await get('script.ipxe')).toContain(`kernel ${media.origin}/boot/${token}/kernel `)
    expect(desk.reports).toEqual([{ phase: 'booted' }])
  })

  test('has not booted by a HEAD request', async () => {
    const answer = await ask('script.ipxe', { method: 'HEAD' })
    expect([answer.status, await answer.text()]).toEqual([200, ''])
    expect(Number(answer.headers.get('content-length'))).toBe(Buffer.byteLength(await get('script.ipxe')))
    expect(desk.reports).toHaveLength(1)
  })

  test('gets kernel and initrd, whole and in parts', async () => {
    const whole = await ask('kernel')
    expect(Buffer.from(await whole.arrayBuffer()).equals(kernel)).toBe(true)
    const head = await ask('kernel', { method: 'HEAD' })
    expect([head.headers.get('content-length'), head.headers.get('accept-ranges')]).toEqual(['200000', 'bytes'])
    const part = await ask('kernel', { headers: { range: 'bytes=199990-' } })
    expect([part.status, part.headers.get('content-range'), (await part.text()).length]).toEqual([
      206,
      'bytes 199990-199999/200000',
      10,
    ])
    expect((await ask('kernel', { headers: { range: 'bytes=200000-' } })).status).toBe(416)
    expect(await get('initrd')).toBe('initrd')
  })

  test.each([
    ['debian-12', ['preseed.cfg', 'installer-hooks.sh'], ['ks.cfg', 'user-data']],
    ['rocky-9', ['ks.cfg'], ['preseed.cfg', 'meta-data', 'installer-hooks.sh']],
    ['ubuntu-24.04', ['user-data', 'meta-data', 'vendor-data'], ['preseed.cfg', 'ks.cfg']],
  ])('of %s gets the files of its installer and no others', async (os, theirs, others) => {
    desk.plan = { ...richPlan, os }
    for (const file of [...theirs, 'first-boot.sh', 'first-boot.service']) expect((await ask(file)).status).toBe(200)
    for (const file of others) expect((await ask(file)).status).toBe(404)
  })

  test('reports by GET, by form and by JSON', async () => {
    await ask('report?phase=installing&percent=10')
    await ask('report', { method: 'POST', body: new URLSearchParams({ phase: 'finishing' }) })
    const headers = { 'content-type': 'application/json' }
    await ask('report', { method: 'POST', headers, body: '{"phase":"ready","percent":100,"detail":"up"}' })
    expect(desk.reports).toEqual([
      { phase: 'installing', percent: 10 },
      { phase: 'finishing' },
      { phase: 'ready', percent: 100, detail: 'up' },
    ])
  })

  test('whose kernel is nowhere fails at once with the way out', async () => {
    await serving({ bootFiles: memoryBootFiles(() => undefined) }, async () => {
      expect((await ask('kernel')).status).toBe(404)
      expect(desk.reports).toEqual([{ phase: 'failed', detail: expect.stringContaining('Give memoryBootFiles the bytes') }])
    })
  })

  test('whose kernel is not what its publisher lists fails at once, and gets nothing of it', async () => {
    const changed = new VirtkitError('CONFLICT', 'It has another SHA-256.', {
      details: { field: 'sha256', with: 'SHA256SUMS' },
    })
    await serving({ bootFiles: { open: () => Promise.reject(changed) } }, async () => {
      expect((await ask('kernel')).status).toBe(404)
      expect(desk.reports).toEqual([{ phase: 'failed', detail: expect.stringContaining('another SHA-256') }])
      expect((await fetch(`${media.origin}/release/debian-12/kernel`)).status).toBe(404)
    })
  })

  test('whose kernel is out of reach for now is asked to come back', async () => {
    const out = new VirtkitError('INSTALL_FAILED', 'The mirror is down.', { details: { phase: 'booted', reason: 'down' } })
    await serving({ bootFiles: { open: () => Promise.reject(out) } }, async () => {
      const answer = await ask('kernel')
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
      expect(desk.reports).toEqual([])
    })
  })

  test('whose release has left the catalog fails with that reason', async () => {
    desk.plan = { ...richPlan, os: 'debian-7' }
    expect((await ask('script.ipxe')).status).toBe(404)
    expect(desk.reports).toEqual([{ phase: 'failed', detail: 'debian-7 is not in the catalog of this boot server' }])
  })

  test('by a plan that this process cannot render fails with that reason', async () => {
    desk.plan = { ...richPlan, hostname: 'no spaces' }
    expect((await ask('script.ipxe')).status).toBe(404)
    expect(desk.reports).toEqual([{ phase: 'failed', detail: expect.stringContaining('hostname') }])
  })
})

describe('a guest that waits', () => {
  test('for a mirror keeps its connection, however long nothing goes out', async () => {
    const slow: BootFiles = {
      open: async (...wanted) => {
        await systemClock.sleep(100)
        return options.bootFiles.open(...wanted)
      },
    }
    await serving({ bootFiles: slow, limits: { idleMs: 20 } }, async () => expect(await get('initrd')).toBe('initrd'))
  })

  test('and says nothing at all is hung up on', async () => {
    await serving({ limits: { idleMs: 20 } }, async () => {
      const socket = connect(Number(new URL(media.origin).port), '127.0.0.1')
      socket.resume()
      await expect(once(socket, 'close')).resolves.toEqual([false])
    })
  })
})

describe('a guest that has been installed', () => {
  beforeEach(() => {
    desk.serve = 'boot-disk'
  })

  test('goes on to its disk and finds nothing to install with', async () => {
    expect(await get('script.ipxe')).toContain('sanboot')
    for (const file of ['kernel', 'initrd', 'preseed.cfg', 'first-boot.sh']) expect((await ask(file)).status).toBe(404)
    expect(desk.reports).toEqual([])
  })

  test('can still report', async () => {
    expect((await ask('report?phase=ready')).status).toBe(200)
  })
})

test('a run that ends while its script is asked for boots its disk', async () => {
  desk.ended = true
  expect(await get('script.ipxe')).toContain('sanboot')
})

describe('a stranger', () => {
  test('cannot tell an unknown token from an unknown address or a file that is not handed out', async () => {
    const answers = await Promise.all([
      ask('kernel', {}, 'another-token-0123'),
      ask('report?phase=ready', {}, 'another-token-0123'),
      ask('ks.cfg'),
      ask('nothing-like-this'),
      fetch(`${media.origin}/`),
      fetch(`${media.origin}/boot/..%2f..%2fetc/passwd`),
    ])
    const texts = await Promise.all(answers.map(async (answer) => `${answer.status} ${await answer.text()}`))
    expect(new Set(texts)).toEqual(new Set(['404 Not found\n']))
    expect(desk.reports).toEqual([])
  })

  test('is told which methods there are', async () => {
    const posted = await ask('kernel', { method: 'POST', body: 'x' })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect((await ask('report', { method: 'HEAD' })).status).toBe(405)
  })

  test('cannot send much, nor something else', async () => {
    const post = (body: string, type = 'application/x-www-form-urlencoded'): Promise<number> =>
      ask('report', { method: 'POST', headers: { 'content-type': type }, body }).then((answer) => answer.status)
    expect(await post(`phase=failed&detail=${'x'.repeat(9000)}`)).toBe(413)
    expect(await post('phase=failed', 'text/plain')).toBe(415)
    expect(await post('phase=exploded')).toBe(400)
    expect(await post('{', 'application/json')).toBe(400)
    expect(desk.reports).toEqual([])
  })

  test('who speaks no HTTP is hung up on', async () => {
    const socket = connect(Number(new URL(media.origin).port), '127.0.0.1')
    socket.write('\x16\x03\x01 hello\r\n\r\n')
    let said = ''
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await once(socket, 'close')
    expect(said).toMatch(/^HTTP\/1.1 400 /)
  })
})

test('while the desk is out of order, guests are asked to come back', async () => {
  desk.failing = true
  for (const file of ['script.ipxe', 'kernel', 'preseed.cfg', 'report?phase=ready']) {
    const answer = await ask(file)
    expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([503, '5', 'Try again\n'])
  }
})

describe('transfers', () => {
  /** A kernel that stops after its first bytes until it is released or left. */
  function stalling(): { bootFiles: BootFiles; closed: Promise<void>; release: () => void } {
    const closed = Promise.withResolvers<void>()
    const going = Promise.withResolvers<void>()
    const bootFiles: BootFiles = {
      open: async (_release, _file, signal) => ({
        sizeBytes: 20,
        async *content() {
          yield Buffer.alloc(10)
          await Promise.race([going.promise, once(signal, 'abort')])
          yield Buffer.alloc(10)
        },
        close: async () => closed.resolve(),
      }),
    }
    return { bootFiles, closed: closed.promise, release: going.resolve }
  }

  test('of one run beyond its share are put off', async () => {
    const { bootFiles, release, closed } = stalling()
    await serving({ bootFiles, limits: { transfersPerRun: 1 } }, async () => {
      const first = await ask('kernel')
      expect((await ask('initrd')).status).toBe(503)
      release()
      expect((await first.arrayBuffer()).byteLength).toBe(20)
      await closed
      expect((await ask('initrd')).status).toBe(200)
    })
  })

  test('that a guest leaves let go of their file', async () => {
    const { bootFiles, closed } = stalling()
    await serving({ bootFiles }, async () => {
      const leaving = new AbortController()
      await ask('kernel', { signal: leaving.signal })
      leaving.abort()
      await expect(closed).resolves.toBeUndefined()
    })
  })

  test('under way end when the media are closed', async () => {
    const { bootFiles, closed } = stalling()
    let cut: Promise<unknown> = Promise.resolve()
    await serving({ bootFiles }, async () => {
      const answer = await ask('kernel')
      cut = answer.arrayBuffer().catch((error: unknown) => error)
    })
    expect(await cut).toBeInstanceOf(Error)
    await closed
  })
})

describe('opening', () => {
  test('takes a port of its own, and closing frees it; twice is fine', async () => {
    const port = Number(new URL(media.origin).port)
    await media[Symbol.asyncDispose]()
    await media[Symbol.asyncDispose]()
    const again = createServer().listen(port, '127.0.0.1')
    await once(again, 'listening')
    expect(again.listening).toBe(true)
    again.close()
    await once(again, 'close')
  })

  test('on a port that is taken is CONFLICT and names it', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const opening = netboot({ ...options, listen: { host: '127.0.0.1', port } }).open(desk, call)
    await expect(opening).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { field: 'listen.port', with: `127.0.0.1:${port}` },
      hint: expect.stringContaining('another port'),
    })
    taken.close()
    await once(taken, 'close')
  })

  test('on an address of another machine is refused by field', async () => {
    const opening = netboot({ ...options, listen: { host: '192.0.2.1', port: 0 } }).open(desk, call)
    await expect(opening).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { problems: [{ field: 'listen.host' }] },
    })
  })

  test('with a call that was cancelled does not happen', async () => {
    const opening = netboot(options).open(desk, { signal: AbortSignal.abort() })
    await expect(opening).rejects.toMatchObject({ code: 'CANCELLED', outcome: 'did-not-happen' })
  })
})

describe('options', () => {
  test.each<[unknown, string[]]>([
    [{}, ['listen.host', 'listen.port', 'bootFiles']],
    [{ ...options, listen: { host: '127.0.0.1', port: 70000 } }, ['listen.port']],
    [{ ...options, listen: { host: '0.0.0.0', port: 0 } }, ['publicOrigin']],
    [{ ...options, listen: { host: '::', port: 0 } }, ['publicOrigin']],
    [{ ...options, listen: false }, ['publicOrigin']],
    [{ ...options, listen: false, publicOrigin: 'http://boot.test', tftp: { port: 0 } }, ['tftp']],
    [{ ...options, publicOrigin: 'boot.test' }, ['publicOrigin']],
    [{ ...options, publicOrigin: 'http://boot.test/path' }, ['publicOrigin']],
    [{ ...options, publicOrigin: 'http://boot.test/' }, ['publicOrigin']],
    [{ ...options, publicOrigin: 'http://boot.test || reboot' }, ['publicOrigin']],
    [{ ...options, limits: { idleMs: 0 } }, ['limits.idleMs']],
    [{ ...options, releases: [] }, ['releases']],
    [{ ...options, bootPrograms: { files: [], boot: [{ firmware: 'bios', file: 'NONE.BIN' }] } }, ['bootPrograms']],
    [
      { ...options, bootPrograms: { files: [{ name: 'long name.bin', bytes: Buffer.alloc(1) }], boot: [] } },
      ['bootPrograms'],
    ],
  ])('%j are refused by field', (wrong, fields) => {
    try {
      netboot(wrong as NetbootOptions)
      expect.unreachable()
    } catch (error) {
      expect(isVirtkitError(error, 'INVALID_INPUT') && error.details.problems.map((problem) => problem.field)).toEqual(
        fields,
      )
    }
  })

  test('may name the origin that guests use', async () => {
    await serving({ publicOrigin: 'https://boot.example.test:8443' }, async () => {
      expect(media.origin).toBe('https://boot.example.test:8443')
      expect(await scriptOf(media)).toContain(`chain --replace https://boot.example.test:8443/boot/${token}/script.ipxe`)
    })
  })
})

describe('a medium', () => {
  test('leads a machine with a static address to its script', async () => {
    const script = await scriptOf(media)
    expect(script).toContain('set net0/ip 10.20.0.11\n')
    expect(script).toContain(`chain --replace ${media.origin}/boot/${token}/script.ipxe || goto again\n`)
    expect(await scriptOf(media, plainPlan)).toContain('dhcp net0 || goto again\n')
  })

  test.each([
    [{ ...richPlan, os: 'debian-7' }, 'os'],
    [{ ...richPlan, hostname: 'no spaces' }, 'hostname'],
    [{ ...richPlan, rootPasswordHash: new Secret('secret') }, 'rootPasswordHash'],
    [{ ...richPlan, os: 'rhel-9' }, 'mirror'],
  ])('of a plan that cannot be rendered is refused by field', async (plan, field) => {
    await expect(media.medium(plan, token, call)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { problems: [{ field }] },
    })
  })

  test('is refused for a token that would not fit an address, without saying it', async () => {
    const error: unknown = await media.medium(richPlan, 'a token/with more', call).catch((thrown: unknown) => thrown)
    expect(isVirtkitError(error, 'INVALID_INPUT') && error.message).not.toContain('with more')
    expect(isVirtkitError(error, 'INVALID_INPUT') && error.details.problems[0]?.field).toBe('token')
  })
})
