import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { BootFile, ByteRange } from '../boot-files/boot-files.ts'
import { parseByteRange } from './byte-range.ts'
import { sendText } from './replies.ts'

/** Streams a file or the range of it that was asked for. A transfer that breaks ends the connection, so that no guest takes a part for the whole. */
export async function sendBootFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: BootFile,
  signal: AbortSignal,
): Promise<void> {
  const { sizeBytes } = file
  const range = parseByteRange(request.headers.range, sizeBytes)
  if (range === 'unsatisfiable') {
    return sendText(response, 416, 'No such range\n', { 'content-range': `bytes */${sizeBytes}` })
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes }
  response.writeHead(range ? 206 : 200, {
    'content-type': 'application/octet-stream',
    'content-length': end - start,
    'accept-ranges': 'bytes',
    'cache-control': 'no-store',
    ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${sizeBytes}` } : {}),
  })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  await pipeline(piecesOf(file, { start, end }), response, { signal })
}

const pieceBytes = 524_288

/**
 * A file in pieces of one buffer, which is filled again when the next piece is asked for. That is when the one before has left: a piece is longer
 * than what a response takes without being drained, but for a short one, which keeps its buffer.
 */
async function* piecesOf(file: BootFile, range: ByteRange): AsyncGenerator<Uint8Array> {
  if (!file.readInto) return yield* file.content(range)
  let buffer = new Uint8Array(0)
  for (let at = range.start; at < range.end;) {
    if (buffer.length < pieceBytes) buffer = Buffer.allocUnsafeSlow(pieceBytes)
    const count = await file.readInto(buffer.subarray(0, Math.min(pieceBytes, range.end - at)), at)
    if (count === 0) throw new Error('the file is shorter than it was')
    at += count
    yield buffer.subarray(0, count)
    if (count < pieceBytes) buffer = new Uint8Array(0)
  }
}
