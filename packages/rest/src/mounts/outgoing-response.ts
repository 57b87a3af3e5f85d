import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, TextAnswer, hasBody } from '../server/answer.ts'

/** The header lines of an answer, with `set-cookie` once for each cookie. */
export function headerLines(answer: Answer): Iterable<[name: string, value: string | string[]]> {
  return answer instanceof TextAnswer ? Object.entries(answer.headers) : linesOf(answer)
}

function* linesOf({ headers }: Response): Generator<[name: string, value: string | string[]]> {
  for (const [name, value] of headers) if (name !== 'set-cookie') yield [name, value]
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) yield ['set-cookie', cookies]
}

/** Up to so many bytes, a body whose length is known is sent at once, in one piece with its head. */
const wholeBytes = 1024 ** 2

/**
 * The body of an answer as what frameworks send; undefined when there is none to send. Promises: what is long, or goes on, is asked
 * for as fast as it is sent; when the stream is destroyed, its source is cancelled; the head is sent as soon as the body is waited
 * for, so that a reader of events knows that it is connected.
 */
export async function bodyOf(
  answer: Answer,
  outgoing: ServerResponse,
  method: string | undefined,
): Promise<string | Buffer | Readable | undefined> {
  const isWanted = hasBody(answer, method)
  if (answer instanceof TextAnswer) return isWanted ? answer.text : undefined
  if (!answer.body) return undefined
  if (!isWanted) return void answer.body.cancel().catch(() => {})
  const length = answer.headers.get('content-length')
  if (length !== null && Number(length) <= wholeBytes) return Buffer.from(await answer.arrayBuffer())
  const body = Readable.fromWeb(answer.body as NodeReadableStream)
  body.once('resume', () => {
    setImmediate(() => {
      if (!outgoing.headersSent && !body.destroyed) outgoing.flushHeaders()
    })
  })
  return body
}

/** How long a client that was answered early may take to send what is no longer read. */
const lingerMs = 2000

/**
 * Ends what an early answer left unread. A client that is still sending may lose an answer when the connection is closed at once;
 * one that never stops may not keep it.
 */
export function lingerAfter(outgoing: ServerResponse, incoming: IncomingMessage): void {
  outgoing.once('finish', () => {
    if (incoming.complete) return
    incoming.resume()
    const timer = setTimeout(() => incoming.destroy(), lingerMs)
    incoming.once('close', () => clearTimeout(timer))
  })
}
