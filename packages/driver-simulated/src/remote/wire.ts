import { VirtkitError, type ErrorDetails, type Progress, toVirtkitError } from '@virtkit/spi'
import type { RemoteMethod } from './methods.ts'

/** Asks for one call of a facet. */
export interface CallRequest {
  /** Made by the client; with it the call can be cancelled. */
  readonly id: string
  readonly method: RemoteMethod
  readonly args: readonly unknown[]
  readonly key?: string
  readonly trace?: string
}

/** One line of an answer (newline-delimited JSON); `done` or `error` is the last. */
export type AnswerLine =
  | { readonly progress: Progress }
  | { readonly item: unknown }
  | { readonly done: true; readonly result?: unknown }
  | { readonly error: ReturnType<VirtkitError['toJSON']> }

export const jsonLines = 'application/x-ndjson'

/** JSON has no undefined: in a list it becomes null, and null becomes undefined again here. The contract knows no null. */
export function withoutNulls(value: unknown): unknown {
  if (value === null) return undefined
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutNulls(inner)]))
}

/** Makes an error again of what came over the wire; what is none becomes `INTERNAL`. */
export function reviveError(value: unknown): VirtkitError {
  if (typeof value !== 'object' || value === null || !('code' in value)) return toVirtkitError(value)
  const { code, message, details, hint, outcome } = value as ReturnType<VirtkitError['toJSON']>
  return new VirtkitError(code, String(message), {
    details: details as ErrorDetails[typeof code],
    outcome: outcome === 'did-not-happen' ? 'did-not-happen' : 'unknown',
    ...(hint === undefined ? {} : { hint }),
  })
}

/** Cuts a stream of bytes into parsed lines. */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true })
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end)
      rest = rest.slice(end + 1)
      if (line !== '') yield withoutNulls(JSON.parse(line))
    }
  }
}
