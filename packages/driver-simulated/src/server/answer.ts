import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type VirtkitError, invalidInput } from '@virtkit/spi'
import { type AnswerLine, jsonLines, withoutNulls } from '../remote/wire.ts'

const mostBodyBytes = 16 * 1024 * 1024

/** One line of an answer; waits while the client is slower than we are. */
export async function writeLine(response: ServerResponse, line: AnswerLine | object): Promise<void> {
  if (response.destroyed) return
  if (!response.headersSent) response.writeHead(200, { 'content-type': jsonLines, 'x-virtkit-simulator': '1' })
  if (response.write(`${JSON.stringify(line)}\n`)) return
  await Promise.race([once(response, 'drain'), once(response, 'close')])
}

export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Uint8Array).byteLength
    if (size > mostBodyBytes) throw invalidInput([{ field: 'body', problem: 'is larger than 16 MiB' }])
    chunks.push(chunk as Uint8Array)
  }
  return parseJson(Buffer.concat(chunks).toString('utf8'))
}

export function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : withoutNulls(JSON.parse(text))
  } catch {
    throw invalidInput([{ field: 'body', problem: 'is not JSON' }])
  }
}

/** Errors that end a request before its answer has begun. */
export function statusOf(error: VirtkitError): number {
  return error.code === 'UNAUTHENTICATED' ? 401 : error.code === 'NOT_FOUND' ? 404 : 400
}
