import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '@virtkit/spi'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseKeyFile } from './key-file.ts'
import { openKeyring } from './open-keyring.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtkit-keys-'))
})
afterEach(() => rm(folder, { recursive: true }))

const key = (letter: string): string => Buffer.alloc(32, letter).toString('base64')
const memory = { sqlite: ':memory:' }
const sealed = 'credentials/1/password'

describe('openKeyring', () => {
  it('makes a private key file beside a SQLite file, and finds it again', async () => {
    const database = { sqlite: join(folder, 'virtkit.db') }
    const first = await openKeyring(undefined, database)
    const text = first.seal(new Secret('hunter2'), sealed)
    expect((await stat(join(folder, 'virtkit.db.key'))).mode & 0o777).toBe(0o600)
    expect((await openKeyring(undefined, database)).open(text, sealed).reveal()).toBe('hunter2')
    expect(await readdir(folder)).toEqual(['virtkit.db.key'])
  })

  it('agrees on one file when many start at once', async () => {
    const database = { sqlite: join(folder, 'virtkit.db') }
    const rings = await Promise.all(Array.from({ length: 12 }, () => openKeyring(undefined, database)))
    expect(new Set(rings.map((ring) => ring.derive('x').reveal())).size).toBe(1)
    expect(await readdir(folder)).toEqual(['virtkit.db.key'])
  })

  it('refuses a file that others can read, and says how to change that', async () => {
    const keyFile = join(folder, 'virtkit.key')
    await writeFile(keyFile, `a:${key('a')}\n`)
    await chmod(keyFile, 0o640)
    await expect(openKeyring({ keyFile }, memory)).rejects.toThrow(`run: chmod 600 ${keyFile}`)
    await chmod(keyFile, 0o600)
    await openKeyring({ keyFile }, memory)
  })

  it('reads several keys, newest first', async () => {
    const keyFile = join(folder, 'virtkit.key')
    await writeFile(keyFile, `# ours\nb:${key('b')}\n\na:${key('a')}\n`, { mode: 0o600 })
    const ring = await openKeyring({ keyFile }, memory)
    const old = await openKeyring({ keys: [{ id: 'a', key: key('a') }] }, memory)
    expect(ring.open(old.seal(new Secret('hunter2'), sealed), sealed).reveal()).toBe('hunter2')
    expect(ring.seal(new Secret('x'), sealed)).toMatch(/^vk1\.b\./)
  })

  it('names a folder that does not exist, and makes none', async () => {
    const keyFile = join(folder, 'none', 'virtkit.key')
    await expect(openKeyring({ keyFile }, memory)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { problems: [{ field: 'encryption.keyFile', hint: 'make the folder first' }] },
    })
  })

  it('refuses a folder in the place of the file', async () => {
    await chmod(folder, 0o700)
    await expect(openKeyring({ keyFile: folder }, memory)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('asks for a key where there is no file to keep one beside', async () => {
    const handle = { pragma: () => {} } as never
    for (const database of [{ postgres: 'postgres://db/virtkit' }, { sqlite: handle }]) {
      await expect(openKeyring(undefined, database)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        details: { problems: [{ field: 'encryption', hint: expect.stringContaining('keyFile') }] },
      })
    }
  })

  it('keeps the key of a database in memory nowhere, each its own', async () => {
    const [one, other] = [await openKeyring(undefined, memory), await openKeyring(undefined, memory)]
    expect(one.derive('x').reveal()).not.toBe(other.derive('x').reveal())
  })

  it('refuses two keys of one id', async () => {
    const keys = [
      { id: 'a', key: key('a') },
      { id: 'a', key: key('b') },
    ]
    await expect(openKeyring({ keys }, memory)).rejects.toThrow('encryption.keys[1].id: is the id of another key')
  })
})

describe('parseKeyFile', () => {
  it.each([
    ['an empty file', '', /there is no key/],
    ['a short key', 'a:c2hvcnQ=', /line 1 of .* is not a key/],
    ['a bare key', `\n${key('a')}`, /line 2 of .* is not a key/],
    ['an id twice', `a:${key('a')}\na:${key('b')}`, /line 2 of .* the id of another/],
  ])('%s is refused, and the line named', (_, text, problem) => {
    expect(() => parseKeyFile(text, 'k')).toThrow(problem)
  })

  it('never repeats what is in the file', async () => {
    const text = `a;${key('s')}`
    expect(() => parseKeyFile(text, 'k')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(key('s')) }),
    )
  })

  it('takes base64 and base64url, and lines that end as on Windows', () => {
    const bytes = Buffer.alloc(32, 0xfb)
    const keys = parseKeyFile(`a:${bytes.toString('base64')}\r\nb:${bytes.toString('base64url')}\r\n`, 'k')
    expect(keys.map((each) => each.key.equals(bytes))).toEqual([true, true])
    expect(keys.map((each) => each.id)).toEqual(['a', 'b'])
  })
})
