import { randomUUID } from 'node:crypto'

/** The caller's own name for a request where it is sane (a log can be searched for it), else a new one. */
export function requestIdOf(request: Request): string {
  const given = request.headers.get('x-request-id')
  return given !== null && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}
