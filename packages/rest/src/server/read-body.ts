import type { z } from 'zod'
import { RequestError } from './error-response.ts'
import { fromJson, fromPairs } from './read-input.ts'

/** Reads a body of either kind into what the schema can check. `most` is in bytes. */
export async function readBody(request: Request, schema: z.ZodObject, most: number): Promise<unknown> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
  const text = await readText(request, most)
  if (text === '') return {}
  if (type === 'application/json' || type.endsWith('+json')) return fromJson(parseJson(text), schema)
  if (type === '' || type === 'application/x-www-form-urlencoded') return fromPairs(parseForm(text), schema)
  throw new RequestError(415, [
    `content-type: ${type} is not read here; send application/x-www-form-urlencoded or application/json`,
  ])
}

/** The whole body as text, or 413 as soon as it is too long, whatever its length was said to be. */
async function readText(request: Request, most: number): Promise<string> {
  const tooLong = new RequestError(413, [`body: is longer than ${most} bytes`])
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLong
  if (!request.body) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body.getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength
    if (size > most) {
      await reader.cancel().catch(() => {})
      throw tooLong
    }
    chunks.push(part.value)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new RequestError(400, ['body: is not UTF-8'])
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new RequestError(400, ['body: is no JSON'])
  }
}

/** Decodes strictly: what `URLSearchParams` would replace or let pass is refused. */
export function parseForm(text: string): [string, string][] {
  return text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=')
      const pair = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
      try {
        return pair.map((each) => decodeURIComponent(each.replaceAll('+', ' '))) as [string, string]
      } catch {
        throw new RequestError(400, [`${part.slice(0, 40)}: has broken percent-encoding`])
      }
    })
}
