import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { BootFile } from '../boot-files/boot-files.ts'
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
  await pipeline(file.content({ start, end }), response, { signal })
}
