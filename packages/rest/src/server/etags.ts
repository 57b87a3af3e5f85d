import { hash } from 'node:crypto'
import { RequestError } from './error-answer.ts'
import { TextAnswer, jsonAnswer } from './answer.ts'

/** A strong entity tag (RFC 9110, 8.8.3): of two bodies that differ in a byte, the tags differ. */
export function etagOf(body: string): string {
  return `"${hash('sha256', body, 'base64url').slice(0, 27)}"`
}

/** JSON with its tag; 304 and no body for whoever has it already. */
export function taggedJson(request: Request, value: unknown, headers: Readonly<Record<string, string>> = {}): TextAnswer {
  const body = JSON.stringify(value)
  const etag = etagOf(body)
  const known = request.headers.get('if-none-match')
  if (known !== null && matches(known, etag, 'weak')) return new TextAnswer(304, { ...headers, etag })
  return jsonAnswer(value, { text: body, headers: { ...headers, etag } })
}

/** Whether a change has a condition (RFC 9110, 13.1) that the state of its resource must meet. */
export function isConditional(request: Request): boolean {
  return request.headers.has('if-match') || request.headers.has('if-none-match')
}

/**
 * Throws 412 when the resource, as it is now, is not what the caller of a change asks for. `body` is what its GET answers now;
 * `undefined` where the path has none.
 */
export function requireMatch(request: Request, body: string | undefined): void {
  const etag = body === undefined ? undefined : etagOf(body)
  const wanted = request.headers.get('if-match')
  if (wanted !== null && !(etag !== undefined && matches(wanted, etag, 'strong'))) {
    const why = etag === undefined ? 'this path is not read, so it has no tag' : 'it was changed since; read it again'
    throw new RequestError(412, [`if-match: ${why}`], etag === undefined ? {} : { etag })
  }
  const unwanted = request.headers.get('if-none-match')
  if (unwanted !== null && etag !== undefined && matches(unwanted, etag, 'weak'))
    throw new RequestError(412, ['if-none-match: there is one already'], { etag })
}

function matches(header: string, etag: string, by: 'weak' | 'strong'): boolean {
  const wanted = header.trim()
  if (wanted === '*') return true
  // A tag may hold commas, so the header is read tag by tag.
  const tags = wanted.match(/(?:W\/)?"[^"]*"/g) ?? []
  return tags.some((tag) => tag === etag || (by === 'weak' && tag === `W/${etag}`))
}
