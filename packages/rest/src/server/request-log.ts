import type { Log, LogLevel } from '@virtkit/core'

/** What is known of a request when it is answered. */
export interface AnsweredRequest {
  readonly method: string
  /** As the contract has it (`/callbacks/:key`), never what was sent; `none` where it leads nowhere. */
  readonly route: string
  readonly status: number
  readonly tookMs: number
  readonly request: string
  readonly address: string | undefined
  /** Who asked, where that was asked for. */
  readonly user: number | undefined
}

/** A line of the log for each request: nothing of its path, query, headers or body. */
export function logRequest(log: Log, { tookMs, ...answered }: AnsweredRequest): void {
  log.write('core', levelOf(answered), 'request answered', { ...answered, tookMs: Math.round(tookMs) })
}

/** Reading is most of what is asked, and would push everything else out of the log. */
export function levelOf({ method, status }: Pick<AnsweredRequest, 'method' | 'status'>): LogLevel {
  if (status >= 500) return 'warning'
  return status < 400 && reading.has(method) ? 'debug' : 'info'
}

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
