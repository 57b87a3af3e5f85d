import type { ServerResponse } from 'node:http'
import { Readable, pipeline } from 'node:stream'
import { type Answer, answererOf } from '../server/answer.ts'
import { errorAnswer } from '../server/error-answer.ts'
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
  const answered = await answerFor(rest, incoming, outgoing, url)
  const body = await bodyOf(answered, outgoing, incoming.method)
  const stream = body instanceof Readable ? body : undefined
  if (outgoing.destroyed || outgoing.headersSent) return void stream?.destroy()
  outgoing.statusCode = answered.status
  for (const [name, value] of headerLines(answered)) outgoing.setHeader(name, value)
  lingerAfter(outgoing, incoming)
  if (!stream) outgoing.end(body)
  // A body that breaks off breaks the connection off: the client must not take a part for the whole.
  else pipeline(stream, outgoing, () => {})
}

/** Asks the server, or says why it cannot be asked. */
export async function answerFor(
  rest: Mountable,
  incoming: Incoming,
  outgoing: ServerResponse,
  url: string,
): Promise<Answer> {
  try {
    const address = incoming.ip ?? incoming.socket.remoteAddress
    const request = toRequest(incoming, outgoing, url)
    return await answererOf(rest.fetch)(request, { address })
  } catch (error) {
    const asProblem = (incoming.headers.accept ?? '').includes('application/problem+json')
    const instance = url.split('?')[0]!.slice(rest.base?.length ?? 0) || '/'
    return errorAnswer(error, { instance, now: Date.now(), asProblem })
  }
}
