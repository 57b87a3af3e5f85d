import type { Told } from './receivers.ts'

const longestRestMs = 24 * 3_600_000

/** What an answer means: any 2xx accepts, 410 refuses for good, and everything else, a redirect too, is tried again. */
export function answerOf(status: number, retryAfter?: string): Told {
  if (status >= 200 && status <= 299) return { isAccepted: true }
  const problem = `The receiver answered ${status}.`
  if (status === 410) return { isAccepted: false, problem, isFinal: true }
  const isBusy = status === 429 || status === 503
  // Seconds; a date would be by the receiver's clock (RFC 9110, 10.2.3).
  if (!isBusy || retryAfter === undefined || !/^\d{1,9}$/.test(retryAfter)) return { isAccepted: false, problem }
  return { isAccepted: false, problem, restMs: Math.min(Number(retryAfter) * 1000, longestRestMs) }
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
