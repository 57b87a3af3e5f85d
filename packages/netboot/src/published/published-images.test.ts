import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SumsSignature } from '../catalog/published-files.ts'
import { digestOf } from './parse-sums.ts'
import { PublishedImages } from './published-images.ts'
import { readSignedList } from './signed-list.ts'

const image = Buffer.alloc(3_000_000, 'an image of an installer ')
const digest = createHash('sha256').update(image).digest('hex')
const call = { signal: new AbortController().signal }

describe('a list of digests', () => {
  test.each([
    ['coreutils', `${digest}  a.iso\n${'0'.repeat(64)}  b.iso`],
    ['coreutils, binary', `${digest.toUpperCase()} *./a.iso`],
    ['BSD', `SHA256 (a.iso) = ${digest}\nSHA512 (a.iso) = ${'1'.repeat(128)}`],
    ['a Debian archive', `SHA256:\n ${'0'.repeat(64)}     7 b.iso\n ${digest}  3000000 a.iso`],
    ['a tree', `[checksums]\nimages/a.iso = sha256:${digest}`],
  ])('of %s is read', (_, list) => {
    expect(digestOf(list, 'a.iso', 'sha256')).toBe(digest)
  })

  test('that does not name the file, or names it twice, gives none', () => {
    expect(digestOf(`${digest}  aa.iso\n# a.iso\n${'0'.repeat(40)}  a.iso`, 'a.iso', 'sha256')).toBeUndefined()
    expect(digestOf(`${digest}  x/a.iso`, 'y/a.iso', 'sha256')).toBeUndefined()
    expect(() => digestOf(`${digest}  a.iso\n${'0'.repeat(64)}  a.iso`, 'a.iso', 'sha256')).toThrow('2 times')
  })
})

describe('images of publishers', () => {
  let folder: string
  let server: Server
  let origin: string
  let files: Record<string, Buffer>
  let asked: string[]
  /** After how many bytes the image's transfer breaks off. */
  let breaksAt: number

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'virtkit-published-'))
    files = { '/a.iso': image, '/sums': Buffer.from(`${digest}  a.iso\n`) }
    asked = []
    breaksAt = Number.POSITIVE_INFINITY
    server = createServer((request, response) => {
      const bytes = files[request.url!]
      asked.push(`${request.url} ${request.headers.range ?? ''}`.trim())
      if (!bytes) return void response.writeHead(404).end()
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
      if (start >= bytes.length) return void response.writeHead(416).end()
      const headers = { 'content-length': bytes.length - start, 'content-range': `bytes ${start}-` }
      response.writeHead(start > 0 ? 206 : 200, headers)
      if (request.url !== '/a.iso' || breaksAt > bytes.length) return void response.end(bytes.subarray(start))
      response.write(bytes.subarray(start, breaksAt), () => response.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })

  const open = async (signature?: SumsSignature, key?: string): Promise<Buffer> => {
    const options = { cacheDirectory: join(folder, 'cache'), ...(key !== undefined && { keys: { acme: key } }) }
    const sums = { url: `${origin}/sums`, algorithm: 'sha256' as const, ...(signature && { signature }) }
    const medium = await new PublishedImages(options).open('acme', { url: `${origin}/a.iso`, sums }, call)
    const chunks: Uint8Array[] = []
    for await (const chunk of medium.content()) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    expect(medium.sizeBytes).toBe(bytes.length)
    return bytes
  }
  const cached = (): Promise<string[]> => readdir(join(folder, 'cache/acme')).catch(() => [])

  test('are loaded once, and only when they are what their publisher lists', async () => {
    expect((await open()).equals(image)).toBe(true)
    expect((await open()).equals(image)).toBe(true)
    expect(asked.filter((url) => url.startsWith('/a.iso'))).toHaveLength(1)
    expect(await cached()).toEqual([`${digest.slice(0, 16)}-a.iso`])
    files['/sums'] = Buffer.from(`${'0'.repeat(64)}  a.iso\n`)
    await expect(open()).rejects.toMatchObject({ code: 'INSTALL_FAILED', message: expect.stringContaining('is not what') })
    expect(await cached()).toHaveLength(1)
    files['/sums'] = Buffer.from('nothing\n')
    await expect(open()).rejects.toThrow('does not name a.iso')
    files['/sums'] = Buffer.alloc(2 * 1024 * 1024)
    await expect(open()).rejects.toThrow('is longer than')
  })

  test('go on where a transfer broke off, also that of a process that died, and a wrong beginning is not kept', async () => {
    breaksAt = 1_000_000
    await expect(open()).rejects.toMatchObject({ code: 'INSTALL_FAILED' })
    const [part] = await cached()
    expect(part).toMatch(/\.part$/)
    const { length } = await readFile(join(folder, 'cache/acme', part!))
    expect(length).toBeGreaterThan(0)
    breaksAt = Number.POSITIVE_INFINITY
    expect((await open()).equals(image)).toBe(true)
    expect(asked).toContain(`/a.iso bytes=${length}-`)
    expect(await cached()).toEqual([`${digest.slice(0, 16)}-a.iso`])

    const path = join(folder, 'cache/acme', `${digest.slice(0, 16)}-a.iso`)
    await rm(path)
    await writeFile(`${path}.of-the-dead.part`, 'a wrong beginning')
    await utimes(`${path}.of-the-dead.part`, 1, 1)
    await expect(open()).rejects.toThrow('is not what its publisher lists')
    expect(await cached()).toEqual([])
    expect((await open()).equals(image)).toBe(true)
  })

  test(
    'of a publisher who signs with signify are taken with his key only',
    { skip: !existsSync('/usr/bin/signify-openbsd') },
    async () => {
      const at = (name: string): string => join(folder, name)
      const signify = (...args: string[]): Buffer => execFileSync('/usr/bin/signify-openbsd', args)
      for (const name of ['ours', 'other']) signify('-G', '-n', '-p', at(`${name}.pub`), '-s', at(`${name}.sec`))
      await writeFile(at('sums'), files['/sums']!)
      signify('-S', '-s', at('ours.sec'), '-m', at('sums'), '-x', at('sums.sig'))
      files['/sums.sig'] = await readFile(at('sums.sig'))
      const signature = { kind: 'signify', url: `${origin}/sums.sig` } as const
      const [ours, other] = [await readFile(at('ours.pub'), 'utf8'), await readFile(at('other.pub'), 'utf8')]
      expect((await open(signature, ours)).equals(image)).toBe(true)
      await expect(open(signature, other)).rejects.toThrow('by another key')
      await expect(open(signature, 'no key')).rejects.toThrow('no public key of signify')
      await expect(open(undefined, ours)).rejects.toThrow('signs no list')
      files['/sums'] = Buffer.from(`${digest}  a.iso\n# more\n`)
      await expect(open(signature, ours)).rejects.toThrow('not one by the key')
    },
  )

  test(
    'of a publisher who signs with OpenPGP are taken with his key only',
    { skip: !existsSync('/usr/bin/gpg') },
    async () => {
      const at = (name: string): string => join(folder, name)
      const gpg = (...args: string[]): string =>
        execFileSync(
          '/usr/bin/gpg',
          ['--homedir', folder, '--batch', '--pinentry-mode', 'loopback', '--passphrase', '', ...args],
          {
            encoding: 'utf8',
            stdio: 'pipe',
          },
        )
      for (const name of ['ours', 'other']) gpg('--quick-gen-key', `${name}@example.test`, 'ed25519', 'sign', 'never')
      const [ours, other] = ['ours', 'other'].map((name) => gpg('--armor', '--export', `${name}@example.test`))
      await writeFile(at('sums'), files['/sums']!)
      gpg('-u', 'ours@example.test', '--detach-sign', '--armor', '-o', at('sums.asc'), at('sums'))
      files['/sums.asc'] = await readFile(at('sums.asc'))
      const detached = { kind: 'openpgp', url: `${origin}/sums.asc` } as const
      expect((await open(detached, ours)).equals(image)).toBe(true)
      await expect(open(detached, other)).rejects.toThrow('not one by the key')
      await expect(open(detached, 'no key')).rejects.toThrow('no OpenPGP public key')

      const plain = files['/sums']!
      gpg('-u', 'ours@example.test', '--clearsign', '-o', at('inline'), at('sums'))
      // What stands outside of the signature counts for nothing.
      files['/sums'] = Buffer.concat([Buffer.from(`${'0'.repeat(64)}  a.iso\n`), await readFile(at('inline'))])
      expect((await open({ kind: 'openpgp-inline' }, ours)).equals(image)).toBe(true)
      await expect(open({ kind: 'openpgp-inline' }, other)).rejects.toThrow('not one by the key')
      files['/sums'] = plain

      // Debian's way: the list is named by another, which is signed.
      const listed = createHash('sha256').update(plain).digest('hex')
      await writeFile(at('release'), `SHA256:\n ${listed}     ${plain.length} sums\n`)
      gpg('-u', 'ours@example.test', '--clearsign', '-o', at('InRelease'), at('release'))
      files['/InRelease'] = await readFile(at('InRelease'))
      const above = { url: `${origin}/InRelease`, algorithm: 'sha256', signature: { kind: 'openpgp-inline' } } as const
      const sums = { url: `${origin}/sums`, algorithm: 'sha256', listedIn: above } as const
      const read = (key: string): Promise<string> => readSignedList(sums, { key, fetch, ...call })
      expect(await read(ours!)).toBe(plain.toString())
      await expect(read(other!)).rejects.toThrow('not one by the key')
      files['/sums'] = Buffer.from(`${'0'.repeat(64)}  a.iso\n`)
      await expect(read(ours!)).rejects.toThrow(`is not what ${origin}/InRelease lists`)
      files['/sums'] = plain
      await expect(open({ kind: 'openpgp-inline' }, ours)).rejects.toThrow('not one by the key')
      execFileSync('gpgconf', ['--homedir', folder, '--kill', 'gpg-agent'])
    },
  )
})
