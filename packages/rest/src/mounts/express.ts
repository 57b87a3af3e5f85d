import { type NodeHandler, createNodeHandler } from './node-handler.ts'
import type { Mountable, MountOptions } from './mountable.ts'

export type { Mountable, MountOptions } from './mountable.ts'

/**
 * The API as middleware of Express, 4 or 5. Give `app.use` the path: Express takes it off by itself. Before or after body
 * parsers, but not after one of multipart bodies: what that made of a body cannot be read again.
 *
 * @example
 * ```ts
 * app.use('/vm', mountExpress(createRestServer(kit)))
 * ```
 */
export function mountExpress(rest: Mountable, options: MountOptions = {}): NodeHandler {
  return createNodeHandler(rest, options)
}
