import type { ServerResponse } from 'node:http'
import { Readable, pipeline } from 'node:stream'
import { errorResponse } from '../server/error-response.ts'
import { type Incoming, toRequest } from './incoming-request.ts'
import { type Mountable, isOurs, misplaced, pathOf } from './mountable.ts'
import { bodyOf, headerLines, lingerAfter } from './outgoing-response.ts'

/** The next handler of the host's. It is called with an error only for a mistake of the host's own. */
export type Next = (error?: unknown) => void

/** What `node:http` calls, and with `next` what everything calls that takes connect's middleware: Express, Nest. */
export type NodeHandler = (incoming: Incoming, outgoing: ServerResponse, next?: Next) => void

export function createNodeHandler(rest: Mountable): NodeHandler {
  return (incoming, outgoing, next) => {
    // What Express has taken off the path is part of it for clients, and for us.
    const { originalUrl, baseUrl, url = '/' } = incoming
    const path = pathOf(originalUrl ?? url)
    if (isOurs(rest, path)) void answer(rest, incoming, outgoing, path)
    else if (next) next(baseUrl ? misplaced(rest, baseUrl) : undefined)
    else outgoing.writeHead(404, { 'content-length': 0 }).end()
  }
}

async function answer(rest: Mountable, incoming: Incoming, outgoing: ServerResponse, url: string): Promise<void> {
  const response = await fetchFor(rest, incoming, outgoing, url)
  const body = await bodyOf(response, outgoing, incoming.method)
  const stream = body instanceof Readable ? body : undefined
  if (outgoing.destroyed || outgoing.headersSent) return void stream?.destroy()
  outgoing.statusCode = response.status
  for (const [name, value] of headerLines(response)) outgoing.setHeader(name, value)
  lingerAfter(outgoing, incoming)
  if (!stream) outgoing.end(body)
  // A body that breaks off breaks the connection off: the client must not take a part for the whole.
  else pipeline(stream, outgoing, () => {})
}

/** Asks the server, or says why it cannot be asked. */
export async function fetchFor(
  rest: Mountable,
  incoming: Incoming,
  outgoing: ServerResponse,
  url: string,
): Promise<Response> {
  try {
    const address = incoming.ip ?? incoming.socket.remoteAddress
    return await rest.fetch(toRequest(incoming, outgoing, url), { address })
  } catch (error) {
    const asProblem = (incoming.headers.accept ?? '').includes('application/problem+json')
    const instance = url.split('?')[0]!.slice(rest.base?.length ?? 0) || '/'
    return errorResponse(error, { instance, now: Date.now(), asProblem })
  }
}
