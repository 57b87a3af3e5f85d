import { base, contract } from '../contract/contract.ts'
import type { OperationContract, Resource } from '../contract/operation.ts'
import { readError } from './api-error.ts'
import { buildRequest } from './build-request.ts'
import type { CallOptions, Client } from './client-types.ts'

export interface ClientOptions {
  /** Of the server, such as `https://virtkit.example.com`; with a path, where the API begins: `https://example.com/cloud/rest/v1`. */
  readonly url: string
  /** What the server gave out for name and password; as a function, it is asked before each call. */
  readonly token?: string | (() => string | Promise<string>)
  /** Name and password, sent along with each call, in place of a token. */
  readonly user?: string
  readonly password?: string
  /** In place of the runtime's own, for proxies and tests. */
  readonly fetch?: (request: Request) => Promise<Response>
}

/**
 * A client of the HTTP face, typed by its contract. It needs `fetch` and nothing else, so it runs in browsers, too.
 *
 * Promises: a call asks once and never again by itself; give it an `idempotencyKey` to repeat it without harm. Numbers are JavaScript's:
 * timestamps of nanoseconds lose their last digits. Throws `ApiError` for every answer that is not 2xx, and what `fetch` throws.
 *
 * @example
 * ```ts
 * const client = createClient({ url: 'https://virtkit.example.com', user: 'anna', password })
 * const { key, secret } = await client.callbacks.create({ callbackurl, errorcallbackurl }, { idempotencyKey: crypto.randomUUID() })
 * await client.callbacks.remove({ key })
 * ```
 */
export function createClient(options: ClientOptions): Client {
  const url = urlOf(options.url)
  const fetch = options.fetch ?? ((request: Request) => globalThis.fetch(request))

  const call = async (operation: OperationContract, input: Readonly<Record<string, unknown>>, more: CallOptions) => {
    more.signal?.throwIfAborted()
    const request = buildRequest(url, operation, input, more)
    const authorization = await authorizationOf(options)
    if (authorization !== undefined) request.headers.set('authorization', authorization)
    const response = await fetch(request)
    more.onResponse?.(response)
    if (!response.ok) throw await readError(response)
    return typeof operation.result === 'string' ? response : response.json()
  }

  const resources = Object.entries(contract as Readonly<Record<string, Resource>>).map(([name, operations]) => {
    const methods = Object.entries(operations).map(([verb, operation]) => [
      verb,
      (input: Readonly<Record<string, unknown>> = {}, more: CallOptions = {}) => call(operation, input, more),
    ])
    return [name, Object.fromEntries(methods)]
  })
  return Object.fromEntries(resources) as Client
}

function urlOf(given: string): string {
  const url = new URL(given)
  const path = url.pathname.replace(/\/+$/, '')
  return `${url.origin}${path === '' ? base : path}`
}

async function authorizationOf({ token, user, password }: ClientOptions): Promise<string | undefined> {
  if (token !== undefined) return `Bearer ${typeof token === 'string' ? token : await token()}`
  if (user === undefined) return undefined
  const bytes = new TextEncoder().encode(`${user}:${password ?? ''}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}
