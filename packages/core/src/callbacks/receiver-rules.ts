import type { Told } from './receivers.ts'

const longestRestMs = 24 * 3_600_000

export interface AnswerHeaders {
  readonly 'retry-after'?: string | undefined
  readonly date?: string | undefined
}

/** What an answer means: any 2xx accepts, 410 refuses for good, and everything else, a redirect too, is tried again. */
export function answerOf(status: number, headers: AnswerHeaders = {}): Told {
  if (status >= 200 && status <= 299) return { isAccepted: true }
  const problem = `The receiver answered ${status}.`
  if (status === 410) return { isAccepted: false, problem, isFinal: true }
  const askedMs = status === 429 || status === 503 ? askedRestMs(headers) : undefined
  if (askedMs === undefined) return { isAccepted: false, problem }
  return { isAccepted: false, problem, restMs: Math.min(askedMs, longestRestMs) }
}

/** Seconds, or a date (RFC 9110, 10.2.3), which is by the receiver's clock and so held against the date of its answer. */
function askedRestMs({ 'retry-after': retryAfter = '', date = '' }: AnswerHeaders): number | undefined {
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1000
  const ms = httpDate(retryAfter) - httpDate(date)
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0)
}

/** `Date.parse` alone takes much more for a date than HTTP does. */
function httpDate(text: string): number {
  return /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/.test(text) ? Date.parse(text) : Number.NaN
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The receiver refused the connection.',
  ECONNRESET: 'The receiver broke off the connection.',
  ENOTFOUND: 'The name of the receiver is not known.',
  EAI_AGAIN: 'The name of the receiver could not be looked up.',
  EHOSTUNREACH: 'There is no way to the receiver.',
  ENETUNREACH: 'There is no way to the receiver.',
  ABORT_ERR: 'The receiver did not answer in time.',
  ETIMEDOUT: 'The receiver did not answer in time.',
}

/** Why there was no answer, for people. The error's own text repeats host and port, sometimes more. */
export function problemOf(error: unknown): string {
  const { code, name, cause } = (error ?? {}) as { code?: unknown; name?: unknown; cause?: unknown }
  if (name === 'TimeoutError' || (cause as { name?: unknown } | undefined)?.name === 'TimeoutError')
    return words['ETIMEDOUT']!
  if (typeof code !== 'string') return 'The receiver was not reached, or broke off the connection.'
  if (Object.hasOwn(words, code)) return words[code]!
  const isTls = /CERT|TLS|SSL|ISSUER|SIGNATURE/.test(code)
  return isTls ? 'The certificate of the receiver is not trusted, or TLS failed.' : 'The receiver was not reached.'
}
