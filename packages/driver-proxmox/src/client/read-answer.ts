import type { HttpAnswer } from './http-exchange.ts'
import { PveError } from './pve-error.ts'

/** `data` of an answer, or what the server refuses it with. */
export function readAnswer(answer: HttpAnswer, endpoint: string, changes: boolean): unknown {
  const { status, reason } = answer
  if (status >= 200 && status < 300) return parse(answer.text, endpoint, changes)['data']
  // From 8.4 on the sentence stands in the body too; before, and through proxies, in one of the two.
  const body = status === 401 || status >= 595 ? {} : tryParse(answer.text)
  const message = (typeof body['message'] === 'string' ? body['message'] : reason).trim() || `status ${status}`
  // 595: it never got there. 596: it got there, and nobody knows.
  if (status === 595 || status === 596) {
    const happened = status === 596 && changes ? 'maybe' : 'no'
    throw new PveError(
      { kind: 'unreachable', endpoint },
      `A node behind ${endpoint} does not answer: ${message}.`,
      happened,
    )
  }
  // A proxy in between that has lost the server knows no more than we do.
  if (status === 502 || status === 503 || status === 504) {
    throw new PveError(
      { kind: 'unreachable', endpoint },
      `Something before ${endpoint} answers: ${message}.`,
      changes ? 'maybe' : 'no',
    )
  }
  if (status === 401) throw new PveError({ kind: 'unauthenticated' }, message, 'no')
  if (status === 403) throw new PveError({ kind: 'denied', ...deniedOf(message) }, message, 'no')
  const errors = errorsOf(body['errors'])
  if (status === 400 && errors) {
    const told = Object.entries(errors).map(([name, text]) => `${name}: ${text}`)
    throw new PveError({ kind: 'invalid', errors }, told.join('; '), 'no')
  }
  throw new PveError({ kind: 'refused', status }, message, 'no')
}

/** `Permission check failed (/vms/170, VM.Allocate)`; with `|` between them one is enough. */
function deniedOf(message: string): { path?: string; privileges: readonly string[] } {
  const [, path, privileges] = /\((\/[^,]*), ([\w.|,]+)\)$/.exec(message) ?? []
  return path === undefined || privileges === undefined
    ? { privileges: [] }
    : { path, privileges: privileges.split(/[|,]/) }
}

function errorsOf(errors: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof errors !== 'object' || errors === null) return undefined
  return Object.fromEntries(Object.entries(errors).map(([name, text]) => [name, String(text).trim()]))
}

function parse(text: string, endpoint: string, changes: boolean): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && 'data' in body) return body as Readonly<Record<string, unknown>>
  } catch {
    // Said below.
  }
  const happened = changes ? 'maybe' : 'no'
  throw new PveError({ kind: 'unreachable', endpoint }, `What answers at ${endpoint} is not Proxmox VE.`, happened)
}

function tryParse(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}
