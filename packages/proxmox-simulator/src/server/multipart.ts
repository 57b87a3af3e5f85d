import { type Hash, createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { UploadedFile } from '../api/route.ts'

export interface Multipart {
  readonly fields: Readonly<Record<string, string>>
  readonly file: UploadedFile | undefined
}

const algorithms = new Set(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'])
const headerEnd = Buffer.from('\r\n\r\n')

/**
 * Reads `multipart/form-data` as the original does: fields first, the part named `filename` last. What comes after the file is
 * not read, so a field that stands behind it is missing. The file's bytes are counted, and hashed when `checksum-algorithm` says
 * how; they are kept only for who wants them.
 */
export async function readMultipart(body: Readable, boundary: string, isKept = false): Promise<Multipart> {
  const fields: Record<string, string> = {}
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  let buffer: Buffer = Buffer.from('\r\n')
  let file: { readonly hash: Hash | undefined; bytes: number; ended: boolean } | undefined
  const kept: Buffer[] = []
  const take = (part: Buffer): void => {
    if (!file) return
    file.hash?.update(part)
    file.bytes += part.length
    if (isKept) kept.push(part)
  }
  for await (const chunk of body) {
    if (file?.ended) continue
    buffer = Buffer.concat([buffer, chunk as Buffer])
    for (;;) {
      if (file) {
        const end = buffer.indexOf(delimiter)
        const sure = end === -1 ? Math.max(0, buffer.length - delimiter.length) : end
        take(buffer.subarray(0, sure))
        buffer = buffer.subarray(sure)
        if (end !== -1) file.ended = true
        break
      }
      const part = nextPart(buffer, delimiter)
      if (!part) break
      buffer = buffer.subarray(part.bodyAt)
      if (part.filename !== undefined) {
        fields['filename'] = part.filename
        const algorithm = fields['checksum-algorithm'] ?? ''
        file = { bytes: 0, ended: false, hash: algorithms.has(algorithm) ? createHash(algorithm) : undefined }
        continue
      }
      const end = buffer.indexOf(delimiter)
      fields[part.name] = buffer.subarray(0, end).toString('utf8')
      buffer = buffer.subarray(end)
    }
  }
  if (!file) return { fields, file: undefined }
  const content = isKept ? { content: Buffer.concat(kept) } : {}
  return { fields, file: { bytes: file.bytes, checksum: file.hash?.digest('hex'), ...content } }
}

interface Part {
  readonly name: string
  /** Of the file's part only. */
  readonly filename: string | undefined
  readonly bodyAt: number
}

/** The head of the next part, when all of it is there, and with it the whole of a field. */
function nextPart(buffer: Buffer, delimiter: Buffer): Part | undefined {
  const start = buffer.indexOf(delimiter)
  const headAt = start + delimiter.length
  const headEndsAt = start === -1 ? -1 : buffer.indexOf(headerEnd, headAt)
  if (headEndsAt === -1) return undefined
  const head = buffer.subarray(headAt, headEndsAt).toString('utf8')
  const name = /(?:^|;|\s)name="([^"]*)"/i.exec(head)?.[1] ?? ''
  const filename = name === 'filename' ? /filename="([^"]*)"/i.exec(head)?.[1] : undefined
  const bodyAt = headEndsAt + headerEnd.length
  if (filename === undefined && buffer.indexOf(delimiter, bodyAt) === -1) return undefined
  return { name, filename, bodyAt }
}
