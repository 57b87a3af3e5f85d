import type { Agent } from 'node:http'
import type { Socket } from 'node:net'
import { type Authentication, type Headers, type Login, authenticate } from './authentication.ts'
import { pathOf } from './api-path.ts'
import { type HttpAnswer, type HttpAsk, exchange } from './http-exchange.ts'
import { multipart } from './multipart.ts'
import { isPveError } from './pve-error.ts'
import { readAnswer } from './read-answer.ts'
import { type ServerTrust, agentFor } from './server-identity.ts'
import type { PveAsk, PveMethod, PveParams, PveTransport, PveUpload } from './transport.ts'

export interface HttpTransportOptions extends ServerTrust, Login {
  /** `https://pve1:8006`, the first that is tried first. */
  readonly endpoints: readonly [string, ...string[]]
  /** Longer than the thirty seconds after which a node gives up on another. */
  readonly timeoutMs: number
}

/** How often a read is tried when its connection breaks, over all endpoints. */
const readAttempts = 3

/** An exchange without its way. */
type Ask = Pick<HttpAsk, 'method' | 'body' | 'changes' | 'signal'> & { readonly path: string; readonly headers: Headers }

/** The API over HTTP(S). Reads keep their connections for a moment; each change has one of its own. */
export class HttpTransport implements PveTransport {
  readonly #options: HttpTransportOptions
  readonly #authentication: Authentication
  readonly #sockets = new Set<Socket>()
  readonly #reading: Agent
  readonly #changing: Agent
  /** The endpoint that answered last. */
  #current = 0

  constructor(options: HttpTransportOptions) {
    this.#options = options
    const { protocol } = new URL(options.endpoints[0])
    // The server closes idle connections after five seconds without a word: ours go first.
    this.#reading = agentFor(protocol, options, { keepAlive: true, maxSockets: 16, maxFreeSockets: 8, timeout: 2500 })
    this.#changing = agentFor(protocol, options, { keepAlive: false })
    this.#authentication = authenticate(options, async (form, signal) => {
      const headers = { 'content-type': formType }
      return readAnswer(
        // Logging in twice does no harm.
        await this.#somewhere({
          method: 'POST',
          path: '/access/ticket',
          headers,
          body: render(form),
          changes: false,
          signal,
        }),
        this.#endpoint,
        false,
      )
    })
  }

  async request({ method, params = {}, signal, ...place }: PveAsk): Promise<unknown> {
    const path = pathOf(place)
    const form = render(params)
    const inQuery = method === 'GET' || method === 'DELETE'
    return this.#signed(method, signal, {
      path: inQuery && form !== '' ? `${path}?${form}` : path,
      ...(!inQuery && { body: form }),
      headers: inQuery ? {} : { 'content-type': formType, 'content-length': String(Buffer.byteLength(form)) },
    })
  }

  async upload(upload: PveUpload): Promise<unknown> {
    const { node, storage, signal } = upload
    const { headers, body } = multipart(upload)
    const path = pathOf({ path: '/nodes/{node}/storage/{storage}/upload', at: { node, storage } })
    // A ticket that has run out would be noticed only after everything has been sent, and then it could not be sent again.
    await this.request({ method: 'GET', path: '/version', signal })
    return this.#signed('POST', signal, { path, headers, body })
  }

  async close(): Promise<void> {
    const closed = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    this.#reading.destroy()
    this.#changing.destroy()
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(closed)
  }

  get #endpoint(): string {
    return this.#options.endpoints[this.#current % this.#options.endpoints.length] ?? this.#options.endpoints[0]
  }

  async #signed(method: PveMethod, signal: AbortSignal, ask: Pick<Ask, 'path' | 'headers' | 'body'>): Promise<unknown> {
    const changes = method !== 'GET'
    let signature = await this.#authentication.headers(signal)
    for (let renewed = false; ; renewed = true) {
      const answer = await this.#somewhere({
        ...ask,
        method,
        signal,
        changes,
        headers: { ...ask.headers, ...signature },
      })
      // Whoever is not let in has changed nothing.
      if (answer.status === 401 && !renewed && this.#authentication.renews && typeof ask.body !== 'function') {
        signature = await this.#authentication.headers(signal, signature)
        continue
      }
      return readAnswer(answer, this.#endpoint, changes)
    }
  }

  /** Tries endpoint after endpoint, as long as it is certain that nothing has been done yet. */
  async #somewhere(ask: Ask): Promise<HttpAnswer> {
    const { endpoints } = this.#options
    const attempts = Math.max(endpoints.length, ask.changes ? 1 : readAttempts)
    for (let attempt = 1; ; attempt += 1) {
      const at = this.#current
      const elsewhere = (): void => {
        if (this.#current === at) this.#current = (at + 1) % endpoints.length
      }
      try {
        const answer = await this.#exchange(ask)
        const notReached = answer.status === 595 || (answer.status === 596 && !ask.changes)
        if (!notReached || attempt >= attempts || typeof ask.body === 'function') return answer
      } catch (error) {
        if (!isPveError(error, 'unreachable') || error.happened === 'maybe') throw error
        if (attempt >= attempts || typeof ask.body === 'function') throw error
      }
      elsewhere()
    }
  }

  #exchange({ path, ...ask }: Ask): Promise<HttpAnswer> {
    const url = new URL(`/api2/json${path}`, this.#endpoint)
    const agent = ask.changes ? this.#changing : this.#reading
    const follow = (socket: Socket): void => {
      if (this.#sockets.has(socket)) return
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    }
    return exchange({ ...ask, url, agent, timeoutMs: this.#options.timeoutMs, onSocket: follow })
  }
}

const formType = 'application/x-www-form-urlencoded'

/** Every value is escaped: an equals sign that stands as it is would cut it off. */
function render(params: PveParams): string {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) form.append(name, typeof value === 'boolean' ? String(Number(value)) : String(value))
  }
  return form.toString()
}
