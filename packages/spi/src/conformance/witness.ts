import assert from 'node:assert/strict'
import type { ErrorCode } from '../errors/error-details.ts'
import { type VirtkitError, isVirtkitError } from '../errors/virtkit-error.ts'

/** The contract says a second; a machine under load gets some more before we call the promise broken. */
const promptMs = 3000

/** Codes of calls that were refused before anything happened; any other outcome would be untrue. */
const refusals: readonly ErrorCode[] = [
  'INVALID_INPUT',
  'NOT_FOUND',
  'NOT_OURS',
  'CONFLICT',
  'UNSUPPORTED',
  'DATASTORE_FULL',
]

/** Watches how calls end, and remembers the errors. */
export class Witness {
  /** Every error that it has seen. */
  readonly errors: VirtkitError[] = []

  /** Checks that it fails with one of these codes, as a `VirtkitError` that is true about its outcome. */
  async rejects(codes: ErrorCode | readonly ErrorCode[], promise: Promise<unknown>): Promise<VirtkitError> {
    const error = await this.fails(promise)
    const wanted = [codes].flat()
    assert.ok(wanted.includes(error.code), `expected ${wanted.join(' or ')}, got ${error.code}: ${error.message}`)
    if (refusals.includes(error.code)) {
      assert.equal(error.outcome, 'did-not-happen', `a call refused with ${error.code} did not happen`)
    }
    return error
  }

  /** Checks that it is refused with `INVALID_INPUT` and that one of these fields is named. */
  async refuses(fields: string | readonly string[], promise: Promise<unknown>): Promise<void> {
    const error = await this.rejects('INVALID_INPUT', promise)
    assert.ok(isVirtkitError(error, 'INVALID_INPUT'))
    const named = error.details.problems.map((problem) => problem.field)
    const wanted = [fields].flat()
    assert.ok(
      wanted.some((field) => named.includes(field)),
      `INVALID_INPUT should name ${wanted.join(' or ')}, but names ${named.join(', ') || 'nothing'}`,
    )
  }

  /** Checks that it fails, whatever the code, with a `VirtkitError`. */
  async fails(promise: Promise<unknown>): Promise<VirtkitError> {
    const [result] = await Promise.allSettled([promise])
    if (result.status === 'fulfilled') assert.fail('the call was answered, but had to fail')
    if (!isVirtkitError(result.reason)) assert.fail(`not a VirtkitError: ${String(result.reason)}`)
    this.errors.push(result.reason)
    return result.reason
  }

  /** Checks that the promise settles about as fast as the contract says, and answers how it ended. */
  async prompt<T>(what: string, promise: Promise<T>, withinMs: number = promptMs): Promise<PromiseSettledResult<T>> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new assert.AssertionError({ message: `${what} did not end within ${withinMs} ms` })),
        withinMs,
      )
    })
    try {
      const [result] = await Promise.race([Promise.allSettled([promise]), late])
      if (result.status === 'rejected' && isVirtkitError(result.reason)) this.errors.push(result.reason)
      return result
    } finally {
      clearTimeout(timer)
    }
  }
}
