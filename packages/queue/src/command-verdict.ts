/** Why a command was not carried out, as the API says it. */
export interface Refusal {
  /** Of HTTP. */
  readonly status: number
  readonly errors: readonly string[]
  /** `CONTINGENT_EXCEEDED`; left out for what is wrong with the request itself. */
  readonly code?: string
  readonly retryAfterMs?: number
}

export type DeadReason =
  /** No envelope, or a version that nobody has spoken for a while. */
  | 'not-a-command'
  /** Nothing that this queue takes. */
  | 'not-taken'
  /** Nobody, or nobody any more. */
  | 'unauthenticated'
  /** The API said no, and would say so again. */
  | 'refused'
  /** It failed as often as it was tried. */
  | 'gave-up'

export type Verdict =
  /** Later again; whether this counts as a try. */
  { readonly afterMs: number; readonly counts: boolean } | { readonly dead: DeadReason }

/** How often a failure that may pass is tried before it is given up: for some five minutes. */
export const mostAttempts = 12

const mostDelayMs = 30_000

/** What becomes of a command that was tried so often before and has failed now. Promises: nothing is tried for ever that counts. */
export function judge({ status, code, retryAfterMs }: Refusal, attempt: number): Verdict {
  // The database is away: that is no fault of the command, and whatever waits for it waits.
  if (code === 'DATABASE_UNAVAILABLE') return { afterMs: 5_000, counts: false }
  // Another process has it, or died with it a moment ago; or the caller asks too much.
  if (retryAfterMs !== undefined && (status === 409 || status === 429)) return { afterMs: retryAfterMs, counts: false }
  if (status === 401) return { dead: 'unauthenticated' }
  if (status < 500 || status === 501) return { dead: 'refused' }
  return retry(attempt, 'gave-up', retryAfterMs)
}

/** Again, a second later, doubled each time; or dead for this reason when it was tried often enough. */
export function retry(attempt: number, reason: DeadReason, afterMs?: number): Verdict {
  if (attempt + 1 >= mostAttempts) return { dead: reason }
  return { afterMs: afterMs ?? Math.min(mostDelayMs, 1000 * 2 ** attempt), counts: true }
}
