import type { Mountable } from './mountable.ts'
import { type NodeHandler, createNodeHandler } from './node-handler.ts'

export type { Caller, Mountable } from './mountable.ts'
export type { Next, NodeHandler } from './node-handler.ts'
export { type NodeServer, type NodeServerLimits, type NodeServerOptions, serveNode } from './serve-node.ts'
export { type TrustProxy, trustProxies } from './trusted-proxies.ts'

/**
 * The API as a listener of `node:http`, `node:https`, or anything that takes connect's middleware.
 *
 * Promises: bodies stream both ways, no faster than the slower side; the request's signal aborts when the client goes away; a body
 * that was read before is taken from `request.body`, or refused when that cannot be. Outside of the server's base it calls `next`, or
 * answers 404.
 *
 * @example
 * ```ts
 * createServer(mountNode(createRestServer(kit))).listen(8080)
 * ```
 */
export function mountNode(rest: Mountable): NodeHandler {
  return createNodeHandler(rest)
}
