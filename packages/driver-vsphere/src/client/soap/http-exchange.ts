import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { TransportFailure } from './vim-fault.ts'
import type { Endpoint } from './vim-transport.ts'

export interface Exchange {
  readonly agent: http.Agent
  readonly url: URL
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: string | AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
  /** Without an answer, and without anything that moves. */
  readonly timeoutMs: number
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

/** No answer of a server is longer; pages are far shorter. */
const maxAnswerBytes = 256 * 1024 * 1024

/** Connections to one server, kept open between calls; no proxy, whatever the environment says. */
export function createAgent({ url, ca, insecure }: Endpoint, maxSockets: number): http.Agent {
  const options = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets }
  if (url.protocol === 'http:') return new http.Agent(options)
  return new https.Agent({ ...options, rejectUnauthorized: !insecure, ...(ca === undefined ? {} : { ca }) })
}

/** Ends all connections. Resolves when they are closed. */
export async function closeAgent(agent: http.Agent): Promise<void> {
  const sockets = [...Object.values(agent.sockets), ...Object.values(agent.freeSockets)].flatMap((each) => each ?? [])
  const closed = sockets.map(
    (socket) =>
      new Promise<void>((resolve) => {
        if (socket.closed) resolve()
        else socket.once('close', () => resolve())
      }),
  )
  agent.destroy()
  await Promise.all(closed)
}

/** Sends a request and reads its answer whole. Rejects with a `TransportFailure`, or with the signal's reason. */
export async function exchange(wanted: Exchange): Promise<HttpAnswer> {
  const { signal, timeoutMs } = wanted
  signal.throwIfAborted()
  const { request } = wanted.url.protocol === 'http:' ? http : https
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>()
  let isSent = false
  let timer: NodeJS.Timeout | undefined
  const sending = request(wanted.url, { agent: wanted.agent, method: wanted.method, headers: wanted.headers }, (answer) => {
    readAnswer(answer, timer).then(resolve, fail)
  })
  const fail = (error: unknown): void => {
    sending.destroy()
    reject(error instanceof TransportFailure ? error : failureOf(error, isSent))
  }
  const stop = (): void => {
    sending.destroy()
    reject(signal.reason)
  }
  sending.on('error', fail)
  sending.on('socket', (socket) => {
    const begin = (): void => {
      // From here on bytes of the request are on their way.
      isSent = true
      timer?.refresh()
    }
    timer = setTimeout(() => fail(new TransportFailure('TIMEOUT', isSent, `No answer within ${timeoutMs} ms.`)), timeoutMs)
    if (isConnected(socket)) begin()
    else socket.once(wanted.url.protocol === 'http:' ? 'connect' : 'secureConnect', begin)
  })
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (typeof wanted.body === 'string') sending.end(wanted.body)
    else
      writeAll(sending, wanted.body, () => timer?.refresh()).catch((error: unknown) => {
        sending.destroy()
        reject(error)
      })
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

/** Also of a connection that another request has had before. */
function isConnected(socket: Socket): boolean {
  if (!(socket instanceof TLSSocket)) return !socket.connecting
  // A verdict on the certificate comes with the end of the handshake.
  return socket.authorized || Boolean(socket.authorizationError)
}

async function readAnswer(answer: http.IncomingMessage, timer: NodeJS.Timeout | undefined): Promise<HttpAnswer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxAnswerBytes) throw new TransportFailure('TOO_LONG', true, 'The answer is too long.')
    chunks.push(chunk)
    timer?.refresh()
  }
  if (!answer.complete) throw new TransportFailure('CUT_OFF', true, 'The answer was cut off.')
  return { status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString('utf8') }
}

/** Never more in memory than the socket takes at once. */
async function writeAll(sending: http.ClientRequest, body: AsyncIterable<Uint8Array>, moved: () => void): Promise<void> {
  for await (const chunk of body) {
    if (sending.destroyed) return
    moved()
    if (sending.write(chunk)) continue
    await new Promise<void>((resolve) => {
      const done = (): void => {
        sending.off('drain', done)
        sending.off('close', done)
        resolve()
      }
      sending.on('drain', done)
      sending.on('close', done)
    })
  }
  sending.end()
}

/** The error's own text may name what was sent; its code does not. */
function failureOf(error: unknown, isSent: boolean): TransportFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'BROKEN'
  return new TransportFailure(code, isSent, `The connection failed (${code}).`)
}
