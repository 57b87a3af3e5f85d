import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ApiError } from '../api-error.ts'
import type { RawParams } from '../api/parameters.ts'
import type { UploadedFile } from '../api/route.ts'
import { readMultipart } from './multipart.ts'

export interface Body {
  readonly params: RawParams
  readonly file?: { readonly name: string; readonly file: UploadedFile }
}

/** The most that a body may be which is no upload. */
const mostBytes = 512 * 1024

/** Reads a body with the original's narrowness: a length that is known, forms or JSON up to 512 KiB, uploads of any size. */
export async function readBody(request: IncomingMessage, keepsUploads: boolean): Promise<Body> {
  const { headers } = request
  if (headers['transfer-encoding'] !== undefined) throw new ApiError(501, 'chunked transfer encoding not supported')
  const type = headers['content-type'] ?? ''
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(type)?.[1]
  if (boundary !== undefined) {
    const { fields, file } = await readMultipart(request, boundary, keepsUploads)
    if (!file) return { params: fields }
    const name = `/var/tmp/pveupload-${randomBytes(16).toString('hex')}`
    return { params: { ...fields, tmpfilename: name }, file: { name, file } }
  }
  if (Number(headers['content-length'] ?? 0) > mostBytes) throw new ApiError(501, 'for data too large')
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  if (text === '') return { params: {} }
  return { params: type.startsWith('application/json') ? parseJson(text) : parseForm(text) }
}

/** Of `a=b=c` the original keeps `b`: what is not encoded is lost. A key that comes twice makes a list. */
export function parseForm(text: string): RawParams {
  const params: Record<string, string | string[]> = {}
  for (const pair of text.split(/[&;]/)) {
    const [key = '', value = ''] = pair.split('=').map(decode)
    if (key === '') continue
    const before = params[key]
    params[key] = before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value]
  }
  return params
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new ApiError(400, 'unable to decode parameters')
  }
}

function parseJson(text: string): RawParams {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new ApiError(400, 'malformed JSON string')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new ApiError(400, 'JSON object expected')
  return Object.fromEntries(Object.entries(parsed as Record<string, unknown>).map(([name, value]) => [name, word(value)]))
}

function word(value: unknown): string | string[] {
  if (Array.isArray(value)) return value.map(String)
  if (typeof value === 'boolean') return value ? '1' : '0'
  return value === null ? '' : String(value)
}
