import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Mountable, misplaced, pathOf } from './mountable.ts'
import { answerFor } from './node-handler.ts'
import { bodyOf, headerLines, lingerAfter } from './outgoing-response.ts'

export type { Caller, Mountable } from './mountable.ts'

/** The slices of Fastify that are used. */
export interface FastifyRequest {
  readonly raw: IncomingMessage
  readonly originalUrl: string
  readonly ip: string
  readonly body: unknown
}

export interface FastifyReply {
  readonly raw: ServerResponse
  code(status: number): unknown
  header(name: string, value: string | string[]): unknown
  send(body?: unknown): unknown
}

export interface FastifyInstance {
  readonly prefix: string
  removeAllContentTypeParsers(): unknown
  addContentTypeParser(
    type: '*',
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown
  all(path: string, handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>): unknown
}

export type FastifyPlugin = (instance: FastifyInstance, options: object) => Promise<void>

/**
 * The API as a plugin of Fastify, at the server's base; a prefix that it is registered with has to be the beginning of that. In it
 * no body is parsed before it comes to us; hooks of the host's run as everywhere. Registering throws `CONFLICT` for another prefix.
 *
 * @example
 * ```ts
 * await app.register(mountFastify(createRestServer(kit, { base: '/vm/rest/v1' })))
 * ```
 */
export function mountFastify(rest: Mountable): FastifyPlugin {
  return async (instance) => {
    const problem = misplaced(rest, instance.prefix)
    if (problem) throw problem
    instance.removeAllContentTypeParsers()
    instance.addContentTypeParser('*', (_request, _payload, done) => done(null))
    const handle = async ({ raw, originalUrl, ip, body }: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      // Null or undefined, by Fastify's version, when nobody has read it.
      const incoming = Object.assign(raw, { ip }, body ? { body } : {})
      const answered = await answerFor(rest, incoming, reply.raw, pathOf(originalUrl))
      reply.code(answered.status)
      for (const [name, value] of headerLines(answered)) reply.header(name, value)
      lingerAfter(reply.raw, raw)
      return reply.send(await bodyOf(answered, reply.raw, raw.method))
    }
    const path = (rest.base ?? '').slice(instance.prefix.length).replace(/\/$/, '')
    if (path !== '') instance.all(path, handle)
    instance.all(`${path}/*`, handle)
  }
}
