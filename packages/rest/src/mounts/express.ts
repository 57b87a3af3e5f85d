import type { Mountable } from './mountable.ts'
import { type NodeHandler, createNodeHandler } from './node-handler.ts'

export type { Caller, Mountable } from './mountable.ts'

/**
 * The API as middleware of Express, 4 or 5: the requests below the server's base are answered, all others go on. Before or after
 * body parsers, but not after one of multipart bodies: what that made of a body cannot be read again.
 *
 * @example
 * ```ts
 * app.use(mountExpress(createRestServer(kit, { base: '/vm/rest/v1' })))
 * ```
 */
export function mountExpress(rest: Mountable): NodeHandler {
  return createNodeHandler(rest)
}
