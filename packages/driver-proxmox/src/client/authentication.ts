import { PveError, isPveError } from './pve-error.ts'

/** `root@pam`, or `root@pam!name` with the token's secret as password. */
export interface Login {
  readonly username: string
  /** Revealed where it is sent. */
  readonly password: () => string
}

export interface Authentication {
  /** The headers that say who asks. `stale`: the ones of before were not accepted. */
  headers(signal: AbortSignal, stale?: Headers): Promise<Headers>
  /** Whether asking again with new ones can help. */
  readonly renews: boolean
}

export type Headers = Readonly<Record<string, string>>

/** What a server answers to `POST /access/ticket`. */
export type Ask = (form: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<unknown>

/** A ticket is good for two hours, and can be replaced any time before. */
const ticketMs = 60 * 60 * 1000

/** A token's secret goes along each time; a ticket is fetched when it is needed, once for all who wait for it. */
export function authenticate({ username, password }: Login, ask: Ask): Authentication {
  if (username.includes('!')) {
    return {
      renews: false,
      headers: async () => ({ authorization: `PVEAPIToken=${username}=${password()}` }),
    }
  }
  let ticket: { readonly headers: Headers; readonly until: number } | undefined
  let fetching: Promise<Headers> | undefined
  const fetch = async (): Promise<Headers> => {
    // Of nobody alone: whoever aborts does not take it from the others.
    const answer = await ask({ username, password: password() }, AbortSignal.timeout(60_000))
    const { ticket: text, CSRFPreventionToken: csrf, NeedTFA: second } = (answer ?? {}) as Record<string, unknown>
    if (second !== undefined && second !== 0) {
      throw new PveError(
        { kind: 'unauthenticated' },
        `${username} needs a second factor, which a program cannot give: use an API token.`,
        'no',
      )
    }
    if (typeof text !== 'string') throw new PveError({ kind: 'unauthenticated' }, 'There is no ticket in the answer.', 'no')
    const headers = {
      cookie: `PVEAuthCookie=${encodeURIComponent(text)}`,
      ...(typeof csrf === 'string' && { csrfpreventiontoken: csrf }),
    }
    ticket = { headers, until: performance.now() + ticketMs }
    return headers
  }
  return {
    renews: true,
    headers: async (signal, stale) => {
      if (stale && ticket?.headers === stale) ticket = undefined
      if (ticket && performance.now() < ticket.until) return ticket.headers
      fetching ??= fetch().finally(() => (fetching = undefined))
      return unlessAborted(fetching, signal)
    },
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new PveError({ kind: 'aborted' }, 'The call was aborted.', 'no'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise
      .then(resolve, (error: unknown) => reject(isPveError(error) ? error : new Error('login failed', { cause: error })))
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}
