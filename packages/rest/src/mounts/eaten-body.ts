import type { IncomingMessage } from 'node:http'
import { RequestError } from '../server/error-answer.ts'

/** What parsers leave on a request: the values, and by some also the bytes. */
export interface EatenBody {
  readonly body: unknown
  readonly rawBody: unknown
}

/** A body that was read before it came to us, written anew. */
export interface RewrittenBody {
  readonly body: string | Uint8Array<ArrayBuffer> | null
  /** Left out when there is no body: then nothing is changed. */
  readonly contentType?: string
}

/**
 * The body again, when a parser of the host's has read it; undefined when nobody has. Throws a `RequestError` of status 500 when it
 * is lost: that is a mistake of the host's, and nothing that the caller can mend.
 */
export function readEatenBody(incoming: IncomingMessage & Partial<EatenBody>): RewrittenBody | undefined {
  if (!incoming.readableDidRead) return undefined
  const { body, rawBody } = incoming
  const type = incoming.headers['content-type'] ?? ''
  const kind = type.split(';')[0]!.trim().toLowerCase()
  if (rawBody instanceof Uint8Array) return { body: new Uint8Array(rawBody), contentType: type }
  if (body instanceof Uint8Array) return { body: new Uint8Array(body), contentType: type }
  if (typeof body === 'string' && !/\bjson$/.test(kind)) return { body, contentType: `${kind}; charset=utf-8` }
  if (/^application\/(.+\+)?json$/.test(kind) && body !== undefined)
    return { body: JSON.stringify(body), contentType: kind }
  if (kind === 'application/x-www-form-urlencoded' && isFields(body)) {
    const form = new URLSearchParams()
    for (const [name, value] of Object.entries(body)) appendTo(form, name, value)
    return { body: form.toString(), contentType: kind }
  }
  if (wasEmpty(incoming)) return { body: null }
  throw new RequestError(500, [
    `body: was read before it came here, and what was made of it (${kind || 'no content-type'}) cannot be read again; ` +
      'mount Virtkit before whatever reads bodies, or keep that away from its path',
  ])
}

/** Lists and objects as parsers read them: `users[0]=1`, `a[b]=c`. */
function appendTo(form: URLSearchParams, name: string, value: unknown): void {
  if (Array.isArray(value)) value.forEach((each, index) => appendTo(form, `${name}[${index}]`, each))
  else if (isFields(value)) for (const [key, each] of Object.entries(value)) appendTo(form, `${name}[${key}]`, each)
  else if (value !== undefined && value !== null) form.append(name, String(value))
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function wasEmpty({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0
}
