/** What came back instead of an answer; what it means for a machine is decided above. */
export type PveFailure =
  /** No connection, no answer in time, or the node behind the endpoint did not answer (595, 596). */
  | { readonly kind: 'unreachable'; readonly endpoint: string }
  /** 401. `why` is ours: the server gives no reason that a program could use. */
  | { readonly kind: 'unauthenticated' }
  /** 403, with the privileges that it names; of several one may be enough. */
  | { readonly kind: 'denied'; readonly path?: string; readonly privileges: readonly string[] }
  /** 400: texts by parameter. */
  | { readonly kind: 'invalid'; readonly errors: Readonly<Record<string, string>> }
  /** 500 and everything else: the server's own sentence. */
  | { readonly kind: 'refused'; readonly status: number }
  /** A task that was begun and failed. */
  | { readonly kind: 'task'; readonly upid: string; readonly log: readonly string[] }
  /** What the caller hands in for an upload cannot be sent. */
  | { readonly kind: 'content' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'late'; readonly timeoutMs: number }

/** Whether what was asked for may have been done. */
export type Happened = 'no' | 'maybe'

export class PveError extends Error {
  override readonly name = 'PveError'
  readonly failure: PveFailure
  readonly happened: Happened

  constructor(failure: PveFailure, message: string, happened: Happened, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.failure = failure
    this.happened = happened
  }
}

export function isPveError(error: unknown, kind?: PveFailure['kind']): error is PveError {
  return error instanceof PveError && (kind === undefined || error.failure.kind === kind)
}

export function aborted(happened: Happened): PveError {
  return new PveError({ kind: 'aborted' }, 'The call was aborted.', happened)
}
