import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readLines, renderBackup } from './backup-frames.ts'
import { type BackupHeader, magic } from './backup-rules.ts'
import { ByteReader } from './byte-reader.ts'

const header: BackupHeader = {
  id: 'a',
  createdAt: 1,
  installation: 'here',
  migrations: ['2026-11-24-start'],
  encryption: { kind: 'none' },
  ring: '',
}
const start = `${magic}${JSON.stringify(header)}\n`
/** More than three frames, however well it compresses. */
const lines = Array.from({ length: 6000 }, () => `${randomBytes(60).toString('hex')}\n`)

async function* pieces<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all
}

async function render(key?: Buffer): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of renderBackup(header, key, pieces(lines))) parts.push(part)
  return Buffer.concat(parts)
}

async function read(bytes: Buffer, key?: Buffer): Promise<string[]> {
  const reader = new ByteReader(
    pieces(Array.from({ length: Math.ceil(bytes.length / 777) }, (_, at) => bytes.subarray(at * 777, at * 777 + 777))),
  )
  await reader.line(1000)
  await reader.line(10_000)
  const found: string[] = []
  for await (const line of readLines(reader, start, key)) found.push(`${line}\n`)
  return found
}

/** The frames between the header and the checksum. */
function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = []
  for (let at = Buffer.byteLength(start); at < bytes.length - 32;) {
    const end = at + 4 + (bytes.readUInt32BE(at) % 2 ** 31)
    frames.push(bytes.subarray(at, end))
    at = end
  }
  return frames
}

/** Whoever changes a file can make its checksum fit: it is against accidents. */
function withChecksum(...parts: Buffer[]): Buffer {
  const all = Buffer.concat([Buffer.from(start), ...parts])
  return Buffer.concat([all, createHash('sha256').update(all).digest()])
}

describe.each([
  ['in clear', undefined],
  ['under a key', randomBytes(32)],
])('a backup %s', (_, key) => {
  it('reads as it was written, in as many frames as it needs', async () => {
    const bytes = await render(key)
    expect(framesOf(bytes).length).toBeGreaterThan(3)
    expect(await read(bytes, key)).toEqual(lines)
  })

  it('is refused with one bit changed anywhere, cut off, or followed by something', async () => {
    const bytes = await render(key)
    const from = Buffer.byteLength(start)
    for (const at of [from, from + 3, from + 9000, bytes.length - 50, bytes.length - 1]) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 4
      await expect(read(changed, key)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    }
    for (const end of [from, from + 2, bytes.length - 100, bytes.length - 1])
      await expect(read(bytes.subarray(0, end), key)).rejects.toThrow(/it is cut off/)
    await expect(read(Buffer.concat([bytes, Buffer.from('x')]), key)).rejects.toThrow(/something follows/)
  })
})

it('under a key nobody can swap, drop or cut off frames, whatever he does to the checksum', async () => {
  const key = randomBytes(32)
  const [first, second, third, ...rest] = framesOf(await render(key)) as [Buffer, Buffer, Buffer, ...Buffer[]]
  expect(await read(withChecksum(first, second, third, ...rest), key)).toEqual(lines)
  const ended = Buffer.from(third)
  ended[0]! |= 0x80
  for (const frames of [
    [second, first, third, ...rest],
    [first, third, ...rest],
    [first, second, ended],
  ])
    await expect(read(withChecksum(...frames), key)).rejects.toThrow(/does not open/)
  await expect(read(withChecksum(first, second, third, ...rest), randomBytes(32))).rejects.toThrow(/does not open/)
})
