import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { Clock } from '@virtkit/spi'
import { FetchFailed } from './fetch-failed.ts'
import { fetchTftp } from './tftp-client.ts'

export interface BootRequest {
  readonly url: string
  /** Default GET, or POST with a body. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface BootResponse {
  readonly status: number
  readonly body: Uint8Array
}

/** What firmware, installers and `wget` use to reach a server: real sockets. */
export interface BootClient {
  /** Answers whatever status the server gave, redirects followed. Throws `FetchFailed` when there was no whole answer. */
  request(request: BootRequest, signal: AbortSignal): Promise<BootResponse>
  /** The body of a file (`http://`, `tftp://`). Throws `FetchFailed`, also for any status but 200. */
  fetch(url: string, signal: AbortSignal): Promise<Uint8Array>
}

export interface BootClientOptions {
  readonly clock: Clock
  /** Of real time without any byte. Default 15000. */
  readonly timeoutMs?: number
  /** Default 512 MiB. */
  readonly maximumBytes?: number
}

const maximumRedirects = 5

export function createBootClient(options: BootClientOptions): BootClient {
  const { clock, timeoutMs = 15_000, maximumBytes = 512 * 1024 * 1024 } = options

  const request = (wanted: BootRequest, signal: AbortSignal): Promise<BootResponse> =>
    clock.during(async () => {
      for (let url = wanted.url, redirects = 0; ; redirects += 1) {
        const answer = await once({ ...wanted, url }, { timeoutMs, maximumBytes, signal })
        if (answer.location === undefined) return answer
        if (redirects === maximumRedirects) throw new FetchFailed('Too many redirects', answer.status)
        url = new URL(answer.location, url).href
      }
    })

  return {
    request,
    fetch: async (url, signal) => {
      if (url.startsWith('tftp://')) {
        return clock.during(() => fetchTftp(url, { signal, maximumBytes, timeoutMs: timeoutMs / 5 }))
      }
      const { status, body } = await request({ url }, signal)
      if (status === 200) return body
      throw new FetchFailed(status === 404 ? 'No such file or directory' : `HTTP status ${status}`, status)
    },
  }
}

interface Limits {
  readonly timeoutMs: number
  readonly maximumBytes: number
  readonly signal: AbortSignal
}

interface RawResponse extends BootResponse {
  readonly location?: string
}

function once(wanted: BootRequest, limits: Limits): Promise<RawResponse> {
  const { signal, timeoutMs } = limits
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const url = URL.parse(wanted.url)
    if (url?.protocol !== 'http:') return reject(new FetchFailed('Operation not supported'))
    const body = wanted.body === undefined ? undefined : Buffer.from(wanted.body)
    const fail = (error: Error): void => {
      reject(
        signal.aborted
          ? signal.reason
          : error instanceof FetchFailed
            ? error
            : new FetchFailed(reason(error), undefined, error),
      )
    }
    const outgoing = httpRequest(url, {
      method: wanted.method ?? (body ? 'POST' : 'GET'),
      headers: { ...wanted.headers, ...(body ? { 'content-length': body.length } : {}) },
      // One connection for one request: nothing stays open when the guest loses power.
      agent: false,
      signal,
    })
    outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new FetchFailed('Connection timed out')))
    outgoing.on('error', fail)
    outgoing.on('response', (incoming) => {
      readBody(incoming, limits.maximumBytes).then(resolve, (error: Error) => {
        outgoing.destroy()
        fail(error)
      })
    })
    outgoing.end(body)
  })
}

async function readBody(incoming: IncomingMessage, maximumBytes: number): Promise<RawResponse> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maximumBytes) throw new FetchFailed('The file is too large')
    chunks.push(chunk)
  }
  const announced = incoming.headers['content-length']
  if (announced !== undefined && Number(announced) !== length) throw new FetchFailed('The file is cut off')
  const status = incoming.statusCode ?? 0
  const { location } = incoming.headers
  const redirects = [301, 302, 303, 307, 308].includes(status) && location !== undefined
  return { status, body: Buffer.concat(chunks), ...(redirects ? { location } : {}) }
}

function reason(error: Error): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ECONNREFUSED':
      return 'Connection refused'
    case 'ECONNRESET':
      return 'Connection reset'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'No such host'
    default:
      return 'Input/output error'
  }
}
