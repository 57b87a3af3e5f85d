import type http from 'node:http'
import { type ContainedClient, type RequestOptions, containClient } from './contained-client.ts'
import { closeAgent, createAgent } from './http-exchange.ts'
import { TransportFailure, VimFault } from './vim-fault.ts'
import type { Credentials, Endpoint, Login, SoapCall, VimTransport, VimTransportKind } from './vim-transport.ts'

const connections = 8
const loginTimeoutMs = 20_000

/**
 * SOAP through the package `node-vsphere-soap` (0.0.2-5, an optional peer), contained: of it are session, cookie, envelope and HTTP.
 * HTTPS only. A call that is aborted ends at once; the request of one that waits for news ends with it, that of another with its answer,
 * its time-out or the session.
 *
 * Throws at `connect`: `PEER_MISSING`.
 */
export function nodeVsphereSoap(): VimTransportKind {
  return { name: 'node-vsphere-soap', open: (endpoint) => new NodeVsphereSoapTransport(endpoint) }
}

class NodeVsphereSoapTransport implements VimTransport {
  readonly #endpoint: Endpoint
  readonly #agent: http.Agent
  readonly #polls = new Set<http.Agent>()
  #contained: ContainedClient | undefined

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
    this.#agent = createAgent(endpoint, connections)
  }

  async login({ username, password }: Credentials, signal: AbortSignal): Promise<Login> {
    signal.throwIfAborted()
    const { url } = this.#endpoint
    if (url.protocol === 'http:') throw new VimFault('NotSupported', 'node-vsphere-soap speaks HTTPS only.')
    const contained = containClient(url, username, password())
    await unlessAborted(contained.open(this.#options(loginTimeoutMs)), signal)
    this.#contained = contained
    const { client } = contained
    contained.forgetPassword()
    return { content: client.serviceContent, session: contained.session() }
  }

  async call({ method, self, arguments: fields, signal, timeoutMs, isPoll = false }: SoapCall): Promise<unknown> {
    signal.throwIfAborted()
    const contained = this.#contained
    if (!contained) throw new TransportFailure('NOT_OPEN', false, 'There is no login.')
    const send = (agent: http.Agent): Promise<unknown> =>
      unlessAborted(contained.send(method, self, fields, this.#options(timeoutMs, agent)), signal)
    return isPoll ? this.#alone(send) : send(this.#agent)
  }

  /** With a connection of its own, which goes with the call: the package cannot abort a request. */
  async #alone<T>(work: (agent: http.Agent) => Promise<T>): Promise<T> {
    const agent = createAgent(this.#endpoint, 1)
    this.#polls.add(agent)
    try {
      return await work(agent)
    } finally {
      this.#polls.delete(agent)
      await closeAgent(agent)
    }
  }

  cookie(): string {
    return this.#contained?.client.authCookie.cookies ?? ''
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent, ...this.#polls].map(closeAgent))
  }

  #options(timeout: number, agent = this.#agent): RequestOptions {
    return { agent, timeout, followRedirect: false, proxy: null }
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  work.then(resolve, (error: unknown) => reject(cleaned(error))).finally(() => signal.removeEventListener('abort', stop))
  return promise
}

/** Before one of these the request was not sent. */
const unsent = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|DEPTH_|SELF_SIGNED|UNABLE_TO|CERT_|ERR_TLS)/

/** Errors come back with the request in them, and that of a login holds the password: only what we wrote ourselves goes on. */
function cleaned(error: unknown): unknown {
  if (error instanceof VimFault) return new VimFault(error.fault, error.message, error.detail)
  const status = statusOf(error)
  if (status !== undefined && status !== 200 && status !== 500) {
    return new TransportFailure(`HTTP_${status}`, status >= 500, `The server answered HTTP ${status}.`)
  }
  if (error instanceof TransportFailure) return new TransportFailure(error.code, error.isSent, error.message)
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'BROKEN'
  return new TransportFailure(code, !unsent.test(code), `The connection failed (${code}).`)
}

function statusOf(error: unknown): number | undefined {
  const { response } = error as { response?: { statusCode?: unknown } }
  return typeof response?.statusCode === 'number' ? response.statusCode : undefined
}
