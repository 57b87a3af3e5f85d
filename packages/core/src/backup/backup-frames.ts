import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { Readable, pipeline } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import { type VirtkitError, invalidInput } from '@virtkit/spi'
import type { ByteReader } from './byte-reader.ts'
import { type BackupHeader, damaged, magic } from './backup-rules.ts'

const frameBytes = 64 * 1024
const tagBytes = 16
const lastFlag = 0x8000_0000
const longestLine = 64 * 1024 * 1024

/**
 * A backup as bytes: the magic line and the header in clear; the lines, compressed, in frames; the SHA-256 of all that.
 *
 * A frame is its length (four bytes, the highest bit set on the last one) and its content. With a key, each frame is encrypted by
 * itself (AES-256-GCM), bound to the header, its place and whether it is the last: frames that are swapped, cut off or belong to
 * another file do not open (the STREAM construction, Hoang, Reyhanitabar, Rogaway and Vizár 2015). No key is used for two files,
 * so a counter is nonce enough.
 */
export async function* renderBackup(
  header: BackupHeader,
  key: Buffer | undefined,
  lines: AsyncIterable<string>,
): AsyncGenerator<Buffer> {
  const start = Buffer.from(`${magic}${JSON.stringify(header)}\n`)
  const hash = createHash('sha256')
  const counted = (bytes: Buffer): Buffer => {
    hash.update(bytes)
    return bytes
  }
  yield counted(start)
  const bound = digest(start)
  const gzip = createGzip()
  // What goes wrong ahead of it destroys it, and is thrown where it is read.
  pipeline(Readable.from(inPortions(lines)), gzip, () => {})
  let place = 0
  let waiting: Buffer[] = []
  let size = 0
  for await (const part of gzip as AsyncIterable<Buffer>) {
    waiting.push(part)
    size += part.length
    // One byte stays behind, so that there is something for the last frame.
    while (size > frameBytes) {
      const all = Buffer.concat(waiting)
      yield counted(toFrame(all.subarray(0, frameBytes), key, { bound, place, isLast: false }))
      place += 1
      waiting = [all.subarray(frameBytes)]
      size = all.length - frameBytes
    }
  }
  yield counted(toFrame(Buffer.concat(waiting), key, { bound, place, isLast: true }))
  yield hash.digest()
}

/** Each write to the compressor is a journey to another thread: one line alone is not worth it. */
async function* inPortions(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let text = ''
  for await (const line of lines) {
    text += line
    if (text.length < frameBytes) continue
    yield text
    text = ''
  }
  yield text
}

interface Place {
  readonly bound: Buffer
  readonly place: number
  readonly isLast: boolean
}

function toFrame(text: Buffer, key: Buffer | undefined, place: Place): Buffer {
  const content = key ? encrypt(text, key, place) : text
  const length = Buffer.alloc(4)
  length.writeUInt32BE((content.length | (place.isLast ? lastFlag : 0)) >>> 0)
  return Buffer.concat([length, content])
}

/** The lines of a backup whose start was read already. Throws `INVALID_INPUT` for whatever is not as it was written. */
export async function* readLines(reader: ByteReader, start: string, key: Buffer | undefined): AsyncGenerator<string> {
  const ended = { yes: false }
  const gunzip = createGunzip()
  pipeline(Readable.from(frames(reader, digest(Buffer.from(start)), key, ended)), gunzip, () => {})
  let rest = ''
  try {
    for await (const text of gunzip.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > longestLine) throw damaged('a line in it is too long')
      yield* lines
    }
  } catch (error) {
    throw String((error as { code?: unknown }).code).startsWith('Z_') ? damaged('what is in it does not decompress') : error
  }
  if (rest !== '' || !ended.yes) throw damaged('it is cut off')
}

async function* frames(
  reader: ByteReader,
  bound: Buffer,
  key: Buffer | undefined,
  ended: { yes: boolean },
): AsyncGenerator<Buffer> {
  for (let place = 0; ; place += 1) {
    const word = (await reader.bytes(4)).readUInt32BE()
    const isLast = word >= lastFlag
    const length = word % lastFlag
    if (length > frameBytes + tagBytes) throw damaged('a part of it is longer than any')
    const content = await reader.bytes(length)
    const text = key ? decrypt(content, key, { bound, place, isLast }) : content
    if (isLast) await reader.checkedEnd()
    yield text
    if (isLast) break
  }
  ended.yes = true
}

function encrypt(text: Buffer, key: Buffer, place: Place): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(place)).setAAD(place.bound)
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
}

function decrypt(content: Buffer, key: Buffer, place: Place): Buffer {
  if (content.length < tagBytes) throw damaged('a part of it is too short')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(place), { authTagLength: tagBytes })
    decipher.setAAD(place.bound).setAuthTag(content.subarray(-tagBytes))
    return Buffer.concat([decipher.update(content.subarray(0, -tagBytes)), decipher.final()])
  } catch {
    throw doesNotOpen()
  }
}

function nonceOf({ place, isLast }: Place): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(isLast ? 1 : 0, 4)
  nonce.writeUInt32BE(place, 8)
  return nonce
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function doesNotOpen(): VirtkitError {
  return invalidInput(
    [{ field: 'backup', problem: 'does not open: the passphrase is another one, or the file was changed' }],
    'Nothing was changed. Try the passphrase that it was made with, or another file.',
  )
}
