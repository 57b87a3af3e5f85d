import type { z } from 'zod'
import { RequestError } from './error-answer.ts'
import { parseJson } from './parse-json.ts'
import { fromJson, fromPairs, parseForm } from './read-input.ts'

/** Reads a body of either kind into what the schema can check. `most` is in bytes. Throws 400, 413, 415. */
export async function readBody(request: Request, schema: z.ZodObject, most: number): Promise<unknown> {
  if (!request.body) return {}
  const { type, charset } = contentType(request)
  const text = await readText(request, most)
  if (text === '') return {}
  if (charset !== 'utf-8' && charset !== 'us-ascii')
    throw new RequestError(415, [`content-type: ${charset} is not read here; send utf-8`])
  if (type === 'application/json' || type.endsWith('+json')) return fromJson(parseJson(text), schema)
  if (type === '' || type === 'application/x-www-form-urlencoded') return fromPairs(parseForm(text), schema)
  throw new RequestError(415, [
    `content-type: ${type} is not read here; send application/x-www-form-urlencoded or application/json`,
  ])
}

function contentType(request: Request): { type: string; charset: string } {
  const [type = '', ...parameters] = (request.headers.get('content-type') ?? '').toLowerCase().split(';')
  const charset = parameters.flatMap((each) => /^\s*charset="?([^"\s]*)"?\s*$/.exec(each)?.[1] ?? [])[0]
  return { type: type.trim(), charset: charset === undefined || charset === 'utf8' ? 'utf-8' : charset }
}

/** The whole body as text, or 413 as soon as it is too long, whatever its length was said to be. */
async function readText(request: Request, most: number): Promise<string> {
  const coding = request.headers.get('content-encoding') ?? 'identity'
  if (coding.toLowerCase() !== 'identity')
    throw new RequestError(415, [`content-encoding: ${coding} is not read here`], { 'accept-encoding': 'identity' })
  const tooLong = (): RequestError => new RequestError(413, [`body: is longer than ${most} bytes`])
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLong()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunksOf(request.body!)) {
    size += chunk.byteLength
    if (size > most) throw tooLong()
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new RequestError(400, ['body: is not UTF-8'])
  }
}

/** The parts of a body; one that breaks off is the caller's fault, not ours. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value
  } catch {
    throw new RequestError(400, ['body: broke off'])
  } finally {
    await reader.cancel().catch(() => {})
  }
}
