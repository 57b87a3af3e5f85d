import { type Agent, type ClientRequest, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Socket } from 'node:net'
import { PveError, aborted } from './pve-error.ts'

export interface HttpAsk {
  readonly method: string
  readonly url: URL
  readonly agent: Agent
  readonly headers: Readonly<Record<string, string | number>>
  /** A text is sent whole; what streams is written by its owner. */
  readonly body?: string | ((send: (chunk: Uint8Array) => Promise<void>) => Promise<void>)
  readonly signal: AbortSignal
  /** Silence for so long ends it. */
  readonly timeoutMs: number
  /** Whether it may change something. */
  readonly changes: boolean
  /** Told of the socket that it goes over. */
  readonly onSocket: (socket: Socket) => void
}

export interface HttpAnswer {
  readonly status: number
  readonly reason: string
  readonly text: string
}

/** How much an answer may hold: a list of 20,000 machines is a tenth of it. */
const mostBytes = 128 * 2 ** 20

/**
 * One request, one answer; nothing is done twice.
 * Throws `PveError`: `unreachable` or `aborted`, with `happened: 'maybe'` when a change had been sent, and `content` when the body fails.
 */
export function exchange(ask: HttpAsk): Promise<HttpAnswer> {
  const { url, method, signal, changes, timeoutMs } = ask
  if (signal.aborted) return Promise.reject(aborted('no'))
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'http:' ? requestHttp : requestHttps
    let connected = false
    let settled = false
    const happened = (): 'no' | 'maybe' => (connected && changes ? 'maybe' : 'no')
    const asked: ClientRequest = send(url, { method, agent: ask.agent, headers: ask.headers, timeout: timeoutMs })
    const end = (settle: () => void): void => {
      if (settled) return
      settled = true
      signal.removeEventListener('abort', onAbort)
      settle()
    }
    const fail = (error: unknown): void => {
      end(() => reject(error instanceof PveError ? error : unreachable(url, happened(), error)))
      asked.destroy()
    }
    const onAbort = (): void => fail(aborted(happened()))
    signal.addEventListener('abort', onAbort, { once: true })
    asked.on('socket', (socket) => {
      connected = !socket.connecting
      ask.onSocket(socket)
      // One that served others before is connected, and would collect what waits for it to be.
      if (!connected) socket.once(url.protocol === 'http:' ? 'connect' : 'secureConnect', () => (connected = true))
    })
    asked.on('timeout', () => fail(unreachable(url, happened(), new Error(`no answer within ${timeoutMs} ms`))))
    asked.on('error', fail)
    asked.on('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > mostBytes) return fail(new Error('the answer is too long'))
        chunks.push(chunk)
      })
      response.on('error', fail)
      response.on('close', () => {
        if (!response.complete) return fail(new Error('the answer broke off'))
        const text = Buffer.concat(chunks).toString('utf8')
        end(() => resolve({ status: response.statusCode ?? 0, reason: response.statusMessage ?? '', text }))
        // Answered before everything was sent: the rest is not wanted.
        if (!asked.writableEnded) asked.destroy()
      })
    })
    if (typeof ask.body !== 'function') return void asked.end(ask.body)
    ask
      .body((chunk) => write(asked, chunk))
      .then(
        () => asked.end(),
        (cause: unknown) => fail(cause instanceof PveError ? cause : contentFailed(cause)),
      )
  })
}

/** Resolves when there is room for more. What is not wanted any more goes nowhere. */
function write(asked: ClientRequest, chunk: Uint8Array): Promise<void> {
  if (asked.destroyed || asked.writableEnded || asked.write(chunk)) return Promise.resolve()
  return new Promise((resolve) => {
    const go = (): void => {
      asked.off('drain', go)
      asked.off('close', go)
      resolve()
    }
    asked.on('drain', go)
    asked.on('close', go)
  })
}

function unreachable({ origin }: URL, happened: 'no' | 'maybe', cause: unknown): PveError {
  return new PveError(
    { kind: 'unreachable', endpoint: origin },
    `Proxmox VE at ${origin} does not answer.`,
    happened,
    cause,
  )
}

function contentFailed(cause: unknown): PveError {
  return new PveError({ kind: 'content' }, 'The content to upload could not be read.', 'no', cause)
}
