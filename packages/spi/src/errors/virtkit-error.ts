import { type ErrorCode, type ErrorDetails, type InputProblem, type Outcome, isErrorCode } from './error-details.ts'

// Registered globally, so that two installed copies of this package recognise each other's errors.
const brand = Symbol.for('virtkit/error')

export interface VirtkitErrorOptions<Code extends ErrorCode> {
  readonly details: ErrorDetails[Code]
  /** What to do next, as a sentence for a person. */
  readonly hint?: string
  /** The error below. Its text is kept for logs of the host and never repeated in `message`. */
  readonly cause?: unknown
  /** Default `did-not-happen`. */
  readonly outcome?: Outcome
}

/**
 * The one error that leaves Virtkit and its drivers.
 *
 * Promises: `code` is from a closed list and decides the type of `details`; `outcome` says whether the thing may have
 * happened; message, details and hint hold no secret.
 *
 * @example
 * ```ts
 * try {
 *   await kit.machines.create(spec)
 * } catch (error) {
 *   if (isVirtkitError(error, 'CONTINGENT_EXCEEDED')) console.log(error.details.blocking)
 *   else throw error
 * }
 * ```
 */
export class VirtkitError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'VirtkitError' as const
  readonly code: Code
  readonly details: ErrorDetails[Code]
  readonly hint: string | undefined
  readonly outcome: Outcome

  constructor(code: Code, message: string, options: VirtkitErrorOptions<Code>) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details
    this.hint = options.hint
    this.outcome = options.outcome ?? 'did-not-happen'
    Object.defineProperty(this, brand, { value: true })
  }

  /** What may be stored and sent: never the cause, which may hold text that we did not write. */
  toJSON(): { code: Code; message: string; details: ErrorDetails[Code]; hint?: string; outcome: Outcome } {
    const { code, message, details, hint, outcome } = this
    return hint === undefined ? { code, message, details, outcome } : { code, message, details, hint, outcome }
  }
}

/** True for a `VirtkitError` of this or any other installed copy, and of that code when one is given. */
export function isVirtkitError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is VirtkitError<Code> {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false
  return code === undefined || ('code' in error && error.code === code)
}

/** `INVALID_INPUT` with every problem in its message, one after the other. */
export function invalidInput(problems: readonly InputProblem[], hint?: string): VirtkitError<'INVALID_INPUT'> {
  const text = problems.map((p) => `${p.field}: ${p.problem}${p.hint ? ` (${p.hint})` : ''}`).join('; ')
  return new VirtkitError('INVALID_INPUT', text, { details: { problems }, ...(hint === undefined ? {} : { hint }) })
}

export function notFound(what: string, id: string | number): VirtkitError<'NOT_FOUND'> {
  return new VirtkitError('NOT_FOUND', `There is no ${what} ${id}.`, { details: { what, id: String(id) } })
}

/** Rebuilds an error that was stored with `toJSON`, or wraps what is not ours as `INTERNAL`. */
export function toVirtkitError(error: unknown): VirtkitError {
  if (isVirtkitError(error)) return error
  if (isStored(error)) return new VirtkitError(error.code, error.message, error)
  return new VirtkitError('INTERNAL', 'Something went wrong inside Virtkit.', {
    details: {},
    cause: error,
    outcome: 'unknown',
    hint: 'The cause of this error says more; please report it.',
  })
}

/** What `toJSON` has written, and nothing that merely looks a little like it. */
function isStored(value: unknown): value is ReturnType<VirtkitError['toJSON']> {
  if (typeof value !== 'object' || value === null || value instanceof Error) return false
  const { code, message, details, hint, outcome } = value as { readonly [key: string]: unknown }
  return (
    isErrorCode(code) &&
    typeof message === 'string' &&
    typeof details === 'object' &&
    details !== null &&
    (hint === undefined || typeof hint === 'string') &&
    (outcome === 'did-not-happen' || outcome === 'unknown')
  )
}
