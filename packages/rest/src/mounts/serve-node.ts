import { once } from 'node:events'
import { type IncomingMessage, type Server, type ServerResponse, createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { listenError, tlsError } from './listen-error.ts'
import type { Mountable } from './mountable.ts'
import { createNodeHandler } from './node-handler.ts'
import { refuseBroken } from './refuse-broken.ts'
import type { TrustProxy } from './trusted-proxies.ts'

export interface NodeServerOptions {
  /** Default `127.0.0.1`: nobody else reaches it. */
  readonly host?: string
  /** Default 0: any that is free. */
  readonly port?: number
  /** PEM. With it, HTTPS. */
  readonly tls?: { readonly cert: string | Uint8Array; readonly key: string | Uint8Array }
  /** Whose word is taken on who asks (`trustProxies`). Default: nobody's; who is connected asks. */
  readonly trustProxy?: TrustProxy
  readonly limits?: Partial<NodeServerLimits>
}

/** What one server takes upon itself: bounds on what a client that is slow, greedy or silent can hold. */
export interface NodeServerLimits {
  /** Open connections; more are closed at once. Default 2,000. */
  readonly maxConnections: number
  /** Bytes of a request's head; more is answered by 431. Default 16 KiB. */
  readonly maxHeaderBytes: number
  /** Within which a request's head has to be there; later is answered by 408. Default 15 s. */
  readonly headersTimeoutMs: number
  /** Within which a whole request has to be there, uploads included. Default 5 minutes. */
  readonly requestTimeoutMs: number
  /** How long a connection is kept that asks nothing. Default 65 s: longer than most proxies keep theirs. */
  readonly keepAliveMs: number
  /**
   * A connection that moves no byte for so long while something is under way is closed: its client reads nothing, or is gone. Longer
   * than answers are waited for, and than events are silent. Default 2 minutes.
   */
  readonly idleMs: number
  /** How long `close` waits for answers under way. Default 10 s. */
  readonly drainMs: number
}

export interface NodeServer extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:49152`. */
  readonly url: string
  readonly port: number
  /**
   * Promises: takes nothing new, ends streams of events, lets answers under way end within `drainMs` and then breaks them off. Again: the
   * same end.
   */
  close(): Promise<void>
}

const defaults: NodeServerLimits = {
  maxConnections: 2000,
  maxHeaderBytes: 16 * 1024,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 300_000,
  keepAliveMs: 65_000,
  idleMs: 120_000,
  drainMs: 10_000,
}

/**
 * A server of its own for the API. Promises: resolves when it can be reached. Throws `CONFLICT` for a port that is taken, `FORBIDDEN`
 * for one that needs a privilege, `INVALID_INPUT` for a host that is not this machine, or certificates that cannot be used.
 *
 * @example
 * ```ts
 * const server = await serveNode(createRestServer(kit), { port: 8080 })
 * await server.close()
 * ```
 */
export async function serveNode(rest: Mountable, options: NodeServerOptions = {}): Promise<NodeServer> {
  const { host = '127.0.0.1', port = 0, tls, trustProxy } = options
  const limits = { ...defaults, ...options.limits }
  // What is not below the base is answered by us as well: there is nobody else here.
  const handle = createNodeHandler({ fetch: rest.fetch })
  const underWay = new Set<ServerResponse>()
  const server = createServer(tls, limits)
  let draining: Promise<void> | undefined
  server.on('request', (incoming, outgoing) => {
    underWay.add(outgoing)
    outgoing.once('close', () => underWay.delete(outgoing))
    if (draining) outgoing.setHeader('connection', 'close')
    const ip = trustProxy?.(incoming.socket.remoteAddress, forwardedFor(incoming))
    handle(Object.assign(incoming, ip !== undefined && { ip }), outgoing)
  })
  server.on('clientError', (error: Error, socket) => refuseBroken(error, socket as Socket))

  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    throw listenError(error, host, port)
  }
  const bound = (server.address() as AddressInfo).port
  const close = (): Promise<void> => (draining ??= drain(server, underWay, limits.drainMs))
  return {
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Several headers of a name are one list (RFC 9110, 5.3). */
function forwardedFor({ headers }: IncomingMessage): string | undefined {
  const given = headers['x-forwarded-for']
  return Array.isArray(given) ? given.join(',') : given
}

function createServer(tls: NodeServerOptions['tls'], limits: NodeServerLimits): Server {
  const options = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    // How often the two times above are looked at; with Node's own 30 s a head could take thrice as long.
    connectionsCheckingInterval: Math.max(100, Math.min(5000, limits.headersTimeoutMs / 3)),
  }
  const server = tls ? secure(tls, options) : createHttpServer(options)
  server.maxConnections = limits.maxConnections
  server.timeout = limits.idleMs
  return server
}

function secure(tls: NonNullable<NodeServerOptions['tls']>, options: object): Server {
  const read = (pem: string | Uint8Array): string | Buffer => (typeof pem === 'string' ? pem : Buffer.from(pem))
  try {
    return createHttpsServer({ ...options, cert: read(tls.cert), key: read(tls.key), minVersion: 'TLSv1.2' })
  } catch (error) {
    throw tlsError(error)
  }
}

async function drain(server: Server, underWay: ReadonlySet<ServerResponse>, drainMs: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  for (const outgoing of underWay) {
    if (!outgoing.headersSent) outgoing.setHeader('connection', 'close')
    // Events have no end of their own; who reads them connects again, elsewhere.
    else if (isEvents(outgoing)) outgoing.end(() => outgoing.destroy())
  }
  const timer = setTimeout(() => server.closeAllConnections(), drainMs)
  await closed
  clearTimeout(timer)
}

function isEvents(outgoing: ServerResponse): boolean {
  return String(outgoing.getHeader('content-type')).startsWith('text/event-stream')
}
