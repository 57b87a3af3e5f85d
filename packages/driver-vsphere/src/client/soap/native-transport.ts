import { at, refAt } from '../xml/xml-tree.ts'
import { readEnvelope, returnValue, serviceInstance, writeEnvelope } from './envelope.ts'
import { closeAgent, createAgent, exchange } from './http-exchange.ts'
import { TransportFailure } from './vim-fault.ts'
import type { Credentials, Endpoint, Login, SoapCall, VimTransport, VimTransportKind } from './vim-transport.ts'

const connections = 8
const loginTimeoutMs = 20_000

/** SOAP over Node's own HTTP client: keep-alive, eight connections and one for waiting. */
export function native(): VimTransportKind {
  return { name: 'native', open: (endpoint) => new NativeTransport(endpoint) }
}

class NativeTransport implements VimTransport {
  readonly #endpoint: Endpoint
  readonly #agent: ReturnType<typeof createAgent>
  readonly #pollAgent: ReturnType<typeof createAgent>
  #cookie = ''

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
    this.#agent = createAgent(endpoint, connections)
    // Every watcher waits on one of its own.
    this.#pollAgent = createAgent(endpoint, Infinity)
  }

  async login({ username, password }: Credentials, signal: AbortSignal): Promise<Login> {
    const call = (method: string, self: SoapCall['self'], fields: SoapCall['arguments']): Promise<unknown> =>
      this.call({ method, self, arguments: fields, signal, timeoutMs: loginTimeoutMs })
    const content = await call('RetrieveServiceContent', serviceInstance, {})
    const manager = refAt(content, 'sessionManager')
    if (!manager) throw new TransportFailure('NO_SOAP', false, 'What answers there is not a vSphere server.')
    const session = await call('Login', manager, { userName: username, password: password() })
    return { content, session }
  }

  async call({ method, self, arguments: fields, signal, timeoutMs, isPoll = false }: SoapCall): Promise<unknown> {
    const answer = await exchange({
      agent: isPoll ? this.#pollAgent : this.#agent,
      url: this.#endpoint.url,
      method: 'POST',
      headers: {
        'content-type': 'text/xml; charset=utf-8',
        soapaction: '"urn:vim25/6.5"',
        ...(this.#cookie === '' ? {} : { cookie: this.#cookie }),
      },
      body: writeEnvelope(method, self, fields),
      signal,
      timeoutMs,
    })
    const { 'set-cookie': cookies } = answer.headers
    if (cookies) this.#cookie = cookies.map((cookie) => cookie.split(';')[0]).join('; ')
    // SOAP 1.1 sends faults with 500 (section 6.2).
    if (answer.status !== 200 && answer.status !== 500) {
      throw new TransportFailure(
        `HTTP_${answer.status}`,
        answer.status >= 500,
        `The server answered HTTP ${answer.status}.`,
      )
    }
    const body = readEnvelope(answer.text)
    if (at(body, `${method}Response`) === undefined) {
      throw new TransportFailure('NO_SOAP', true, 'The answer is not one of a vSphere server.')
    }
    return returnValue(body)
  }

  cookie(): string {
    return this.#cookie
  }

  async close(): Promise<void> {
    await Promise.all([closeAgent(this.#agent), closeAgent(this.#pollAgent)])
  }
}
