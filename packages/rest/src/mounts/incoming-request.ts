import type { IncomingMessage, ServerResponse } from 'node:http'
import { RequestError } from '../server/error-answer.ts'
import { type EatenBody, readEatenBody } from './eaten-body.ts'

/** The slice of a framework's request that is read. */
export interface Incoming extends IncomingMessage, Partial<EatenBody> {
  /** With what the framework has taken off `url`, which is `baseUrl`. */
  readonly originalUrl?: string
  readonly baseUrl?: string
  /** The client's address, as far as the framework knows better than the connection. */
  readonly ip?: string | undefined
}

/**
 * The request as fetch handlers know it, at `url` (path and query).
 *
 * Promises: the body is read as fast as it is asked for; the request's signal aborts when the client goes away before the answer is
 * complete. Throws `RequestError` for what cannot be said as such a request.
 */
export function toRequest(incoming: Incoming, outgoing: ServerResponse, url: string): Request {
  const method = incoming.method ?? 'GET'
  if (untold.has(method)) throw new RequestError(405, [`${method} is not answered here`])
  const eaten = method === 'GET' || method === 'HEAD' ? { body: null } : readEatenBody(incoming)
  const gone = new AbortController()
  const init = { method, headers: headersOf(incoming, eaten?.contentType), signal: gone.signal }
  const at = addressOf(incoming, url)
  const request = eaten
    ? new Request(at, { ...init, body: eaten.body })
    : // Leaving it half read must not close the connection: the answer that says why goes over the same.
      new Request(at, { ...init, body: ReadableStream.from(incoming.iterator({ destroyOnReturn: false })), duplex: 'half' })
  outgoing.once('close', () => {
    // Asking the request keeps it: a signal whose request was collected meanwhile would never abort.
    if (!outgoing.writableFinished && !request.signal.aborted)
      gone.abort(new DOMException('The client went away.', 'AbortError'))
  })
  return request
}

/** What the fetch standard forbids to say. */
const untold: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK'])

function addressOf(incoming: Incoming, url: string): URL {
  const scheme = 'encrypted' in incoming.socket ? 'https' : 'http'
  const host = incoming.headers[':authority'] ?? incoming.headers.host ?? 'localhost'
  // Not by `new URL(url, base)`: a path that begins with two slashes would name another host.
  const address = url.startsWith('/') ? `${scheme}://${String(host)}${url}` : url
  const parsed = /[/?#@\\\s]/.test(String(host)) ? null : URL.parse(address)
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new RequestError(400, ['the address of the request is no URL'])
  return parsed
}

/** `contentType`: what a body that was written anew is; what was said of the old one's length and packing is no longer true. */
function headersOf({ rawHeaders }: Incoming, contentType: string | undefined): Headers {
  const headers = new Headers()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    if (!name.startsWith(':')) headers.append(name, rawHeaders[at + 1]!)
  }
  if (contentType === undefined) return headers
  for (const name of ['content-length', 'content-encoding', 'transfer-encoding']) headers.delete(name)
  headers.set('content-type', contentType)
  return headers
}
