import { type NodeHandler, createNodeHandler } from './node-handler.ts'
import type { Mountable, MountOptions } from './mountable.ts'

export type { Mountable, MountOptions } from './mountable.ts'
export type { Next, NodeHandler } from './node-handler.ts'
export { type NodeServer, type NodeServerOptions, serveNode } from './serve-node.ts'

/**
 * The API as a listener of `node:http`, `node:https`, or anything that takes connect's middleware.
 *
 * Promises: bodies stream both ways, no faster than the slower side; the request's signal aborts when the client goes away; a body
 * that was read before is taken from `request.body`, or refused when that cannot be. Outside of the prefix it calls `next`, or
 * answers 404. Throws `INVALID_INPUT` for a prefix that is no path.
 *
 * @example
 * ```ts
 * createServer(mountNode(createRestServer(kit), { prefix: '/vm' })).listen(8080)
 * ```
 */
export function mountNode(rest: Mountable, options: MountOptions = {}): NodeHandler {
  return createNodeHandler(rest, options)
}
