/** Why a call failed, as the server says it. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError'
  /** Of HTTP; 0 where no answer came. */
  readonly status: number
  /** Every problem, each naming its field. */
  readonly errors: readonly string[]
  /** Which of Virtkit's errors it is, such as `CONTINGENT_EXCEEDED`; left out for what is wrong with a request itself. */
  readonly code: string | undefined
  /** Whether the call may have had an effect; ask before doing it again where it is `unknown`, or use an idempotency key. */
  readonly outcome: 'did-not-happen' | 'unknown' | undefined
  /** Facts of the code. */
  readonly details: Readonly<Record<string, unknown>> | undefined
  /** What to do next; the message ends with it as well. */
  readonly hint: string | undefined
  /** Names the request in the server's logs. */
  readonly requestId: string | undefined
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | undefined

  constructor(status: number, problem: Problem, headers: Headers) {
    const errors = problem.errors ?? [`HTTP ${status}`]
    super(errors.join('; '))
    this.status = status
    this.errors = errors
    this.code = problem.code
    this.outcome = problem.outcome
    this.details = problem.details
    this.hint = problem.hint
    this.requestId = headers.get('x-request-id') ?? undefined
    const seconds = Number(headers.get('retry-after') ?? Number.NaN)
    this.retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined
  }
}

interface Problem {
  readonly errors?: readonly string[]
  readonly code?: string
  readonly outcome?: 'did-not-happen' | 'unknown'
  readonly details?: Readonly<Record<string, unknown>>
  readonly hint?: string
}

/** The error of an answer, whatever stands before the server and may have answered in its place. */
export async function readError(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '')
  return new ApiError(response.status, readProblem(text), response.headers)
}

function readProblem(text: string): Problem {
  try {
    const value = JSON.parse(text) as Problem | null
    return typeof value === 'object' && Array.isArray(value?.errors) ? value : {}
  } catch {
    return {}
  }
}
