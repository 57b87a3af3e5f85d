import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { errorResponse } from '../server/error-response.ts'
import { type Incoming, toRequest } from './incoming-request.ts'
import { type Mountable, type MountOptions, below, parsePrefix } from './mountable.ts'
import { bodyOf, headerLines, lingerAfter } from './outgoing-response.ts'

/** The next handler of the host's; called with nothing: we report no errors, we answer them. */
export type Next = (error?: unknown) => void

/** What `node:http` calls, and with `next` what everything calls that takes connect's middleware: Express, Nest. */
export type NodeHandler = (incoming: Incoming, outgoing: ServerResponse, next?: Next) => void

export function createNodeHandler(rest: Mountable, options: MountOptions = {}): NodeHandler {
  const prefix = parsePrefix(options.prefix ?? '')
  return (incoming, outgoing, next) => {
    const url = below(prefix, pathOf(incoming.url ?? '/'))
    if (url !== undefined) void answer(rest, incoming, outgoing, url)
    else if (next) next()
    else outgoing.writeHead(404, { 'content-length': 0 }).end()
  }
}

/** Proxies name the whole address: `GET http://host/path`. The host is in its header as well. */
function pathOf(url: string): string {
  const absolute = /^https?:\/\//i.test(url) ? URL.parse(url) : null
  return absolute ? absolute.pathname + absolute.search : url
}

async function answer(rest: Mountable, incoming: Incoming, outgoing: ServerResponse, url: string): Promise<void> {
  const response = await fetchFor(rest, incoming, outgoing, url)
  const body = bodyOf(response, outgoing, incoming.method)
  if (outgoing.destroyed || outgoing.headersSent) return void body?.destroy()
  outgoing.statusCode = response.status
  for (const [name, value] of headerLines(response)) outgoing.setHeader(name, value)
  lingerAfter(outgoing, incoming)
  if (!body) outgoing.end()
  // A body that breaks off breaks the connection off: the client must not take a part for the whole.
  else pipeline(body, outgoing, () => {})
}

/** Asks the server, or says why it cannot be asked. */
export async function fetchFor(
  rest: Mountable,
  incoming: Incoming,
  outgoing: ServerResponse,
  url: string,
): Promise<Response> {
  try {
    return await rest.fetch(toRequest(incoming, outgoing, url))
  } catch (error) {
    const asProblem = (incoming.headers.accept ?? '').includes('application/problem+json')
    return errorResponse(error, { instance: url.split('?')[0]!, now: Date.now(), asProblem })
  }
}
