import type { Log, LogLevel } from '@virtkit/core'

/** What is known of a request when it is answered. */
export interface AnsweredRequest {
  readonly method: string
  /** It changes nothing. */
  readonly reads: boolean
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
export function logRequest(log: Log, { tookMs, reads, ...answered }: AnsweredRequest): void {
  const level = levelOf(reads, answered.status)
  log.write('core', level, 'request answered', { ...answered, tookMs: Math.round(tookMs) })
}

/** Reading is most of what is asked, and would push everything else out of the log. */
function levelOf(reads: boolean, status: number): LogLevel {
  if (status >= 500) return 'warning'
  return reads && status < 400 ? 'debug' : 'info'
}
