import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Mountable, isOurs, pathOf } from './mountable.ts'
import { answerFor } from './node-handler.ts'
import { bodyOf, headerLines, lingerAfter } from './outgoing-response.ts'

export type { Caller, Mountable } from './mountable.ts'

/** The slice of a Koa context that is used. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** `body`, and from some parsers `rawBody`, where the host reads bodies before us. */
  readonly request: object
  readonly originalUrl: string
  readonly ip: string
  status: number
  body: unknown
  set(name: string, value: string | string[]): void
}

export type KoaMiddleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<void>

/**
 * The API as middleware of Koa. Below the server's base it answers; elsewhere the next one does. Koa sends what it answers, so that
 * middleware before it sees status, headers and body.
 *
 * @example
 * ```ts
 * app.use(mountKoa(createRestServer(kit, { base: '/vm/rest/v1' })))
 * ```
 */
export function mountKoa(rest: Mountable): KoaMiddleware {
  return async (context, next) => {
    const { req, res } = context
    const url = pathOf(context.originalUrl)
    if (!isOurs(rest, url)) return void (await next())
    // Parsers of Koa leave what they read on Koa's request, not on Node's.
    const { body, rawBody } = context.request as { body?: unknown; rawBody?: unknown }
    const text = typeof rawBody === 'string' ? Buffer.from(rawBody) : rawBody
    const incoming = Object.assign(req, { body, rawBody: text, ip: context.ip })
    const answered = await answerFor(rest, incoming, res, url)
    const sent = await bodyOf(answered, res, req.method)
    context.status = answered.status
    context.body = sent ?? null
    // Koa sets a status and a type of its own with a body.
    context.status = answered.status
    for (const [name, value] of headerLines(answered)) context.set(name, value)
    lingerAfter(res, req)
  }
}
