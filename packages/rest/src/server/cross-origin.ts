import { RequestError } from './error-answer.ts'

/** Pages of which origins may use the API from a browser. None, unless the host says so. */
export interface CorsOptions {
  /** Such as `https://portal.example.com`; `*` is every page there is. */
  readonly origins: readonly string[] | '*'
  /** How long browsers remember the answer. Default 600. */
  readonly maxAgeSeconds?: number
}

const exposed = 'ETag, Idempotency-Replayed, Link, Location, Retry-After, X-Request-Id'
const accepted =
  'Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Request-Id'

/** What every answer says about pages of other origins. No credentials of the browser's own: callers send theirs in a header. */
export function corsHeaders(request: Request, cors: CorsOptions | undefined): Readonly<Record<string, string>> {
  if (!cors) return {}
  const always: Record<string, string> = cors.origins === '*' ? {} : { vary: 'Origin' }
  const origin = request.headers.get('origin')
  if (origin === null || !admits(cors, origin)) return always
  return {
    ...always,
    'access-control-allow-origin': cors.origins === '*' ? '*' : origin,
    'access-control-expose-headers': exposed,
  }
}

/** The further headers of an answer to a preflight. */
export function preflightHeaders(
  request: Request,
  cors: CorsOptions | undefined,
  methods: string,
): Readonly<Record<string, string>> {
  const origin = request.headers.get('origin')
  if (!cors || origin === null || !admits(cors, origin) || !request.headers.has('access-control-request-method')) return {}
  return {
    'access-control-allow-methods': methods,
    'access-control-allow-headers': accepted,
    'access-control-max-age': String(cors.maxAgeSeconds ?? 600),
  }
}

/**
 * Browsers send a name and password that they know along with forms of foreign pages: changes that come from one are refused.
 * What no browser sent has neither header. Throws 403.
 */
export function refuseForeignPages(request: Request, cors: CorsOptions | undefined): void {
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  const isForeign =
    site === null ? origin !== null && origin !== new URL(request.url).origin : !['same-origin', 'none'].includes(site)
  if (isForeign && !(cors && origin !== null && admits(cors, origin)))
    throw new RequestError(403, [`origin: ${origin ?? site} may not use this API from a browser`])
}

const admits = ({ origins }: CorsOptions, origin: string): boolean => origins === '*' || origins.includes(origin)
