import type { ErrorCode, VirtkitError } from '@virtkit/core'
import { toVirtkitError } from '@virtkit/spi'
import { type TextAnswer, jsonAnswer } from './answer.ts'

/** The HTTP status of each code. A record, so that the compiler asks for a code that is missing here. */
export const statusOf: Readonly<Record<ErrorCode, number>> = {
  INVALID_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  NOT_OURS: 409,
  CONFLICT: 409,
  ADDRESS_TAKEN: 409,
  CONTINGENT_EXCEEDED: 409,
  LICENSE_EXCEEDED: 409,
  ADDRESS_POOL_EXHAUSTED: 409,
  DATASTORE_FULL: 409,
  HOST_RESOURCES: 409,
  CANCELLED: 409,
  INSTALL_FAILED: 409,
  UNSUPPORTED: 422,
  PEER_MISSING: 501,
  HYPERVISOR_REFUSED: 502,
  HYPERVISOR_UNAVAILABLE: 502,
  HYPERVISOR_BUSY: 503,
  DATABASE_UNAVAILABLE: 503,
  SCHEMA_TOO_NEW: 503,
  TIMEOUT: 504,
  INTERNAL: 500,
}

/** What is wrong with a request itself, before any service was asked. */
export class RequestError extends Error {
  readonly status: number
  readonly errors: readonly string[]
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, errors: readonly string[], headers: Readonly<Record<string, string>> = {}) {
    super(errors.join('; '))
    this.status = status
    this.errors = errors
    this.headers = headers
  }
}

export interface ErrorContext {
  /** The path below the base. */
  readonly instance: string
  readonly now: number
  /** By the `Accept` of the request: problem details (RFC 9457) instead of the original's form. */
  readonly asProblem: boolean
  /** Words of core and of the wire that differ: `cpus` is `cpu` out here. */
  readonly rename?: (text: string) => string
}

/** Any failure as it is answered: the original's form, or problem details. Never the text of a cause. */
export function errorAnswer(thrown: unknown, context: ErrorContext): TextAnswer {
  if (thrown instanceof RequestError) return render(thrown.status, thrown.errors, context, thrown.headers)
  const error = toVirtkitError(thrown)
  const status = isThrottled(error) ? 429 : statusOf[error.code]
  return render(status, sentences(error, context), context, headersOf(error), error)
}

/** How to say who one is (RFC 7235). */
export const challenge: Readonly<Record<string, string>> = { 'www-authenticate': 'Bearer, Basic realm="virtkit"' }

function headersOf(error: VirtkitError): Readonly<Record<string, string>> {
  if (isThrottled(error)) return { 'retry-after': String(Math.ceil(error.details.retryAfterMs / 1000)) }
  return error.code === 'UNAUTHENTICATED' ? challenge : {}
}

/** Who failed to log in too often is not heard for a while, which is no word on the password. */
function isThrottled(error: VirtkitError): error is VirtkitError & { details: { retryAfterMs: number } } {
  return error.code === 'UNAUTHENTICATED' && 'retryAfterMs' in error.details
}

/** Every problem by itself, each naming its field. */
export function sentences(error: VirtkitError, { rename = (text) => text }: Pick<ErrorContext, 'rename'>): string[] {
  const hint = error.hint === undefined ? '' : ` ${error.hint}`
  if (error.code !== 'INVALID_INPUT') return [`${error.message}${hint}`]
  const { problems } = (error as VirtkitError<'INVALID_INPUT'>).details
  return problems.map(
    ({ field, problem, hint: way }) => `${rename(field)}: ${problem}${way === undefined ? '' : ` (${way})`}`,
  )
}

function render(
  status: number,
  errors: readonly string[],
  { instance, now, asProblem }: ErrorContext,
  headers: Readonly<Record<string, string>>,
  error?: VirtkitError,
): TextAnswer {
  // Milliseconds times a million print exactly, although beyond the safe integers: thirteen digits and zeros.
  const original = { errors, timestamp: now * 1e6, statuscode: status, instance }
  if (!asProblem) return jsonAnswer(original, { status, headers })
  const problem = {
    type: error ? `urn:virtkit:error:${error.code.toLowerCase()}` : 'about:blank',
    title: errors[0],
    status,
    detail: errors.join('\n'),
    instance,
    errors,
    ...(error && { code: error.code, outcome: error.outcome, details: error.details }),
    ...(error?.hint !== undefined && { hint: error.hint }),
  }
  return jsonAnswer(problem, { status, headers: { ...headers, 'content-type': 'application/problem+json' } })
}
