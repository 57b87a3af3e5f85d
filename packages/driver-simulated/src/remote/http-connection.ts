import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import type { Secret } from '@virtkit/spi'
import { unauthenticated, unavailable } from '../errors.ts'

export interface HttpAsk {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  /** What streams is asked for only when the other side wants it (RFC 9110, 10.1.1). */
  readonly body?: string | (() => AsyncIterable<Uint8Array>)
  /** Aborting it breaks the connection, whatever happened on the other side. */
  readonly signal?: AbortSignal
  /** Whether it may have changed something when the answer is lost. */
  readonly changes: boolean
}

/** The sockets to one simulator. */
export class HttpConnection {
  readonly endpoint: string
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 8 })
  readonly #sockets = new Set<Socket>()
  readonly #url: URL
  readonly #authorization: string | undefined

  constructor(url: string, username: string | undefined, password: Secret | undefined) {
    this.#url = new URL(url)
    this.endpoint = this.#url.origin
    if (username !== undefined) {
      const pair = `${username}:${password?.reveal() ?? ''}`
      this.#authorization = `Basic ${Buffer.from(pair).toString('base64')}`
    }
  }

  /** Resolves with the head of the answer. Throws `HYPERVISOR_UNAVAILABLE`, `UNAUTHENTICATED`. */
  async ask(ask: HttpAsk): Promise<IncomingMessage> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(new URL(ask.path, this.#url), {
        method: ask.method,
        agent: this.#agent,
        ...(ask.signal ? { signal: ask.signal } : {}),
        headers: {
          ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
          ...(typeof ask.body === 'string' ? { 'content-type': 'application/json' } : {}),
          ...(typeof ask.body === 'function' ? { expect: '100-continue' } : {}),
        },
      })
      let connected = false
      asked.on('socket', (socket) => {
        connected = !socket.connecting
        if (!this.#sockets.has(socket)) {
          this.#sockets.add(socket)
          socket.once('close', () => this.#sockets.delete(socket))
        }
        if (socket.connecting) socket.once('connect', () => (connected = true))
      })
      asked.on('response', (answer) => {
        resolve(answer)
        // Answered before we had sent everything: the rest is not wanted, and this socket serves nothing else.
        answer.once('end', () => asked.writableEnded || asked.destroy())
      })
      asked.on('error', (cause) => reject(this.broken(cause, connected && ask.changes)))
      send(asked, ask.body).catch((cause: unknown) => {
        reject(cause)
        asked.destroy()
      })
    })
    if (response.statusCode === 401) {
      response.resume()
      throw unauthenticated()
    }
    return response
  }

  broken(cause: unknown, mayHaveHappened: boolean): ReturnType<typeof unavailable> {
    return unavailable(
      `The simulator at ${this.endpoint} does not answer.`,
      mayHaveHappened ? 'unknown' : 'did-not-happen',
      {
        endpoint: this.endpoint,
        cause,
        hint: 'Check that it runs and that the url is right.',
      },
    )
  }

  /** Breaks every connection; resolves when all are closed. */
  async close(): Promise<void> {
    const closed = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    this.#agent.destroy()
    await Promise.all(closed)
  }
}

/** Sends a body as fast as the other side takes it, and stops when an answer comes before the end. */
async function send(asked: ClientRequest, body: HttpAsk['body']): Promise<void> {
  if (typeof body !== 'function') return void asked.end(body)
  let over = false
  let go = (): void => undefined
  const wait = (): Promise<void> => new Promise((resolve) => (go = resolve))
  for (const event of ['continue', 'drain', 'response', 'close']) {
    asked.on(event, () => {
      over ||= event === 'response' || event === 'close'
      go()
    })
  }
  asked.flushHeaders()
  await wait()
  if (over) return
  for await (const chunk of body()) {
    if (!over && !asked.write(chunk)) await wait()
    if (over) return
  }
  asked.end()
}
