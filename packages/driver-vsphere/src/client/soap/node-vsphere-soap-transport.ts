import type http from 'node:http'
import { type ContainedClient, type RequestOptions, containClient } from './contained-client.ts'
import { closeAgent, createAgent } from './http-exchange.ts'
import { TransportFailure, VimFault } from './vim-fault.ts'
import type { Credentials, Endpoint, Login, SoapCall, VimTransport, VimTransportKind } from './vim-transport.ts'

const connections = 8
const loginTimeoutMs = 20_000

/**
 * SOAP through the package `node-vsphere-soap` (0.0.2-5, an optional peer), contained: of it are session, cookie, envelope and HTTP.
 * HTTPS only. A call that is aborted ends at once, and its connection with it.
 *
 * Throws at `connect`: `PEER_MISSING`.
 */
export function nodeVsphereSoap(): VimTransportKind {
  return { name: 'node-vsphere-soap', open: (endpoint) => new NodeVsphereSoapTransport(endpoint) }
}

class NodeVsphereSoapTransport implements VimTransport {
  readonly #endpoint: Endpoint
  readonly #agent: http.Agent
  /** Who waits for news does not take a connection from the others. */
  readonly #pollAgent: http.Agent
  #contained: ContainedClient | undefined

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
    this.#agent = createAgent(endpoint, connections)
    this.#pollAgent = createAgent(endpoint, Number.POSITIVE_INFINITY)
  }

  async login({ username, password }: Credentials, signal: AbortSignal): Promise<Login> {
    signal.throwIfAborted()
    const { url } = this.#endpoint
    if (url.protocol === 'http:') throw new VimFault('NotSupported', 'node-vsphere-soap speaks HTTPS only.')
    const contained = containClient(url, username, password())
    // It makes several requests of one set of options; a lost one goes with the session.
    await unlessAborted(contained.open(optionsOf(loginTimeoutMs, this.#agent)), signal)
    this.#contained = contained
    const { client } = contained
    contained.forgetPassword()
    return { content: client.serviceContent, session: contained.session() }
  }

  async call({ method, self, arguments: fields, signal, timeoutMs, isPoll = false }: SoapCall): Promise<unknown> {
    signal.throwIfAborted()
    const contained = this.#contained
    if (!contained) throw new TransportFailure('NOT_OPEN', false, 'There is no login.')
    const { agent, end } = agentOfOne(isPoll ? this.#pollAgent : this.#agent)
    return unlessAborted(contained.send(method, self, fields, optionsOf(timeoutMs, agent)), signal, end)
  }

  cookie(): string {
    return this.#contained?.client.authCookie.cookies ?? ''
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent, this.#pollAgent].map(closeAgent))
  }
}

function optionsOf(timeout: number, agent: http.Agent): RequestOptions {
  return { agent, timeout, followRedirect: false, proxy: null }
}

/**
 * An agent for one request that is made out of our reach, now or a moment later: it takes the connections of `shared`, and `end` ends
 * the request with its connection, wherever it is. Node hands each request to `addRequest` of its agent.
 */
function agentOfOne(shared: http.Agent): { readonly agent: http.Agent; end(): void } {
  let request: http.ClientRequest | undefined
  let isEnded = false
  const add = (added: http.ClientRequest, ...rest: unknown[]): void => {
    request = added
    if (!isEnded) return (shared as unknown as Adding).addRequest(added, ...rest)
    // It never gets a connection, and says so to whoever has made it, so that its timers end.
    added.destroy()
    process.nextTick(() => added.emit('error', new Error('aborted')))
  }
  const agent = Object.create(shared, { addRequest: { value: add } }) as http.Agent
  return {
    agent,
    end: () => {
      isEnded = true
      request?.destroy()
    },
  }
}

/** What Node calls, and does not document. */
interface Adding {
  addRequest(request: http.ClientRequest, ...rest: unknown[]): void
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, end?: () => void): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const stop = (): void => {
    reject(signal.reason)
    end?.()
  }
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
