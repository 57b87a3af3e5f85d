import type { OperationContract } from '../contract/operation.ts'
import type { CallOptions } from './client-types.ts'

/** The request that an operation is, without who asks. `url` is where the API begins, such as `https://host/rest/v1`. */
export function buildRequest(
  url: string,
  operation: OperationContract,
  input: Readonly<Record<string, unknown>>,
  options: CallOptions,
): Request {
  const query = new URLSearchParams()
  const body: Record<string, unknown> = {}
  const path = operation.path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(input[name])))
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined || has(operation.params, name)) continue
    if (!has(operation.query, name) && operation.method !== 'GET') body[name] = value
    else for (const each of [value].flat()) query.append(name, String(each))
  }
  const headers = new Headers(options.headers)
  headers.set('accept', acceptOf(operation))
  if (options.idempotencyKey !== undefined) headers.set('idempotency-key', options.idempotencyKey)
  if (options.ifMatch !== undefined) headers.set('if-match', options.ifMatch)
  const content = contentOf(operation, body)
  if (typeof content === 'string') headers.set('content-type', 'application/json')
  const search = query.size > 0 ? `?${query}` : ''
  return new Request(`${url}${path === '/' ? '' : path}${search}`, {
    method: operation.method,
    headers,
    ...(content !== undefined && { body: content }),
    ...(options.signal && { signal: options.signal }),
  })
}

const has = (fields: OperationContract['params'], name: string): boolean =>
  fields !== undefined && Object.hasOwn(fields.shape, name)

const acceptOf = ({ result }: OperationContract): string =>
  `${result === 'stream' ? 'text/event-stream' : typeof result === 'string' ? '*/*' : 'application/json'}, application/problem+json`

// What the contract does not know is sent along: the server is the one to say that.
function contentOf({ file }: OperationContract, body: Readonly<Record<string, unknown>>): string | FormData | undefined {
  if (Object.keys(body).length === 0) return undefined
  if (file === undefined) return JSON.stringify(body)
  const form = new FormData()
  for (const [name, value] of Object.entries(body)) {
    if (value instanceof Blob) form.append(name, value, value instanceof File ? value.name : name)
    else form.append(name, String(value))
  }
  return form
}
