import type { LoginOrigin, UserActor, Virtkit } from '@virtkit/core'
import { z } from 'zod'
import { apiVersion, base as originalBase, contract } from '../contract/contract.ts'
import type { Contract } from '../contract/contract.ts'
import type { OpenApiDocument } from '../contract/openapi-document.ts'
import { renderOpenApi } from '../contract/openapi.ts'
import type { OperationContract } from '../contract/operation.ts'
import { admit, byOf, holds } from './admit.ts'
import { type Answer, TextAnswer, toFetch } from './answer.ts'
import { authenticate as authenticateOurs, bearerOf } from './authenticate.ts'
import type { Caller } from './caller.ts'
import { type CorsOptions, corsHeaders, preflightHeaders, refuseForeignPages } from './cross-origin.ts'
import { docsPage } from './docs-page.ts'
import { type Endpoint, answerAt } from './endpoint.ts'
import { RequestError, errorAnswer } from './error-answer.ts'
import type { Call } from './handler.ts'
import { EventStreams, type StreamOptions } from './event-streams.ts'
import { handlers } from './handlers/every-handler.ts'
import { orMetricsToken } from './monitor/metrics-token.ts'
import { createMonitor } from './monitor/monitor.ts'
import { type RateLimit, limitRate } from './rate-limit.ts'
import { readBody } from './read-body.ts'
import { check, fromPairs, parseForm } from './read-input.ts'
import { isReadAhead, readAhead } from './read-ahead.ts'
import { requestIdOf } from './request-id.ts'
import { logRequest } from './request-log.ts'
import { PathFinder, type Route, type RouteEntry, allowed, nameParams, routesOf } from './routes.ts'
import { finish } from './security-headers.ts'
import { traced } from './traced-request.ts'
import { toWireNames } from './wire-names.ts'

export type { Caller } from './caller.ts'

export interface RestOptions {
  /** Where the API begins, as clients see it: `/vm/rest/v1` behind a prefix. Default `/rest/v1`, as the original has it. */
  readonly base?: string
  /** Tells who asks, in place of our users and tokens; `undefined` is nobody. */
  readonly authenticate?: (request: Request) => Promise<UserActor | undefined> | UserActor | undefined
  /** `false`: no `GET /token`, whose address has the password in it. Default true, as the original has it. */
  readonly tokenByQuery?: boolean
  /** The largest body, in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number
  /** Refuses who has not accepted the host's license agreement (403), but for `/eula` and what is about oneself. Default false. */
  readonly requireEula?: boolean
  /** Which pages of other origins may use the API. Default: none. */
  readonly cors?: CorsOptions
  /** How much one caller may ask. Default: no limit. */
  readonly rateLimit?: RateLimit
  /** Is told of what is answered with 5xx, whose cause callers are not told. What it throws is ignored. */
  readonly onError?: (
    error: unknown,
    about: { readonly requestId: string; readonly method: string; readonly path: string },
  ) => void
  /** The largest file that may be uploaded (a backup), in bytes. Default 4 GiB. */
  readonly maxUploadBytes?: number
  /** Of server-sent events. */
  readonly streams?: StreamOptions
  /**
   * `/health`, `/ready` and `/metrics` are at the root as well, where orchestrators and Prometheus look for them: for a server of the
   * API's own. Default false.
   */
  readonly probesAtRoot?: boolean
  /** Who sends it as a bearer token may read metrics and nothing else; for Prometheus, which has no user. At least 16 characters. */
  readonly metricsToken?: string
}

export interface RestServer extends AsyncDisposable {
  /** Promises: answers whatever comes, and never rejects. */
  readonly fetch: (request: Request, caller?: Caller) => Promise<Response>
  /** Where the API begins. */
  readonly base: string
  close(): Promise<void>
}

type AnyHandler = Endpoint['handler']
/** What becomes known of a request while it is answered. */
interface Seen {
  route: string
  reads: boolean
  user?: number
}
/** A request with what is known of it from the start. */
interface Received {
  readonly request: Request
  readonly requestId: string
  readonly caller: Caller
  readonly trace: string | undefined
  readonly seen: Seen
}
/** A request for an operation of the contract. */
interface Asked extends Received {
  readonly from: LoginOrigin
  readonly entry: RouteEntry<AnyHandler>
  readonly values: Readonly<Record<string, string>>
  /** What is read at the same path. */
  readonly reader: Endpoint | undefined
}
/** What is done at a path, given the values of its parameters. */
type Place = (received: Received, values: Readonly<Record<string, string>>) => Promise<Answer>

/**
 * The HTTP face of a kit, as a fetch handler. The kit stays the caller's to close. Closing it changes what `/ready` answers, and ends
 * what listens to the kit; requests that still come are answered.
 */
export function createRestServer(kit: Virtkit, options: RestOptions = {}): RestServer {
  const base = options.base ?? originalBase
  const ours = options.authenticate ?? ((request: Request, from: LoginOrigin) => authenticateOurs(kit, request, from))
  const authenticate = orMetricsToken<[LoginOrigin]>(options.metricsToken, ours)
  // Whom a host lets in by its own rules, it is asked for each time.
  const presumes = !options.authenticate && !options.requireEula
  const monitor = createMonitor(kit)
  const most = options.maxBodyBytes ?? 1024 ** 2
  const limit = limitRate(options.rateLimit, Date.now)
  let rendered: OpenApiDocument | undefined
  const document = (): OpenApiDocument => (rendered ??= renderOpenApi(contract, { base, version: apiVersion }))
  const places = new PathFinder<Place>()
  const uploadBytes = options.maxUploadBytes ?? 4 * 1024 ** 3
  const streams = new EventStreams(options.streams)

  async function respond(asked: Asked): Promise<Answer> {
    const { operation } = asked.entry
    const { permission } = operation
    if (permission === 'public') return carryOut(asked)

    const { request, from, trace, seen } = asked
    const presumed = presumes && isReadAhead(operation) ? kit.tokens.presume(bearerOf(request) ?? '') : undefined
    if (presumed && holds(presumed.actor, permission)) {
      const ahead = await readAhead(presumed, (actor) => carryOut(asked, byOf(actor, from, trace)))
      if (ahead) {
        seen.user = presumed.actor.user
        return ahead.answer
      }
    }
    const by = await admit(kit, operation, await authenticate(request, from), from, trace)
    seen.user = by.actor.user
    // Who only reads metrics is no person.
    const mustAccept = permission !== 'signed-in' && permission !== 'metrics:read'
    if (options.requireEula && mustAccept) await kit.eula.requireAccepted(by)
    return carryOut(asked, by)
  }

  /** Checks what was sent, and has it done. */
  async function carryOut(asked: Asked, by?: Call['by']): Promise<Answer> {
    const { request, requestId, from, values, reader } = asked
    const { operation, handler, names } = asked.entry
    const given = { kit, services: kit, request, requestId, base, document, uploadBytes, streams, monitor, from }
    const input = {
      ...({ ...given, ...(by && { by }) } as Call),
      params: operation.params ? readParams(nameParams(names, values), operation.params) : {},
      query: readQuery(request.url, operation.query),
      // A file is read by its handler, which need not hold it whole.
      body: operation.file === undefined ? await readInput(request, operation.body, most) : {},
    }
    const refuse = (error: unknown): Answer => errorAnswer(error, errorContext(request))
    return answerAt({ operation, handler }, input, { reader, refuse })
  }

  const operations = [...everyOperation()].filter(
    ([operation]) => operation !== contract.token.get || options.tokenByQuery !== false,
  )
  for (const route of routesOf(operations)) {
    const place = placeOf(route)
    places.put(`${base}${route.path}`.replace(/(.)\/$/, '$1'), place)
    if (options.probesAtRoot && probes.has(route.path)) places.put(route.path, place)
  }
  places.put(`${base}/docs/:file?`, async ({ request }, { file }) => {
    if (!['GET', 'HEAD'].includes(request.method)) throw nothingHere()
    return docsPage(base, file)
  })

  function placeOf(route: Route<AnyHandler>): Place {
    const { entries } = route
    const allow = allowed(route)
    return async (received, values) => {
      const { request, seen } = received
      if (request.method === 'OPTIONS')
        return new TextAnswer(204, { allow, ...preflightHeaders(request, options.cors, allow) })
      const entry = entries.get(request.method === 'HEAD' ? 'GET' : request.method)
      if (!entry) throw new RequestError(405, [`${request.method} is not done here, but ${allow} are`], { allow })
      seen.route = entry.operation.path
      seen.reads = entry.operation.method === 'GET' || entry.operation.permission.endsWith(':read')
      const from = { ...received.caller, request: received.requestId }
      return respond({ ...received, from, entry, values, reader: entries.get('GET') })
    }
  }

  const serve = async (request: Request, caller: Caller = {}): Promise<Answer> => {
    const requestId = requestIdOf(request)
    const cors = corsHeaders(request, options.cors)
    const seen: Seen = { route: 'none', reads: true }
    const count = monitor.begin()
    const startedAt = performance.now()
    const answer = await traced(kit.telemetry, request, seen, async (trace) => {
      try {
        if (request.method !== 'OPTIONS') limit(request, caller)
        refuseForeignPages(request, options.cors)
        const place = places.find(request)
        if (!place) throw nothingHere()
        return await place.what({ request, requestId, caller, trace, seen }, place.values)
      } catch (error) {
        return fail(error, request, requestId)
      }
    })
    const { method } = request
    const { route, reads, user } = seen
    const { status } = answer
    count(method, route, status)
    const tookMs = performance.now() - startedAt
    logRequest(kit.log, { method, reads, route, status, tookMs, request: requestId, address: caller.address, user })
    return finish(answer, requestId, cors)
  }

  function errorContext(request: Request) {
    const { pathname } = new URL(request.url)
    const instance = `${pathname}/`.startsWith(`${base}/`) ? pathname.slice(base.length) || '/' : pathname
    const asProblem = (request.headers.get('accept') ?? '').includes('application/problem+json')
    return { instance, now: Date.now(), asProblem, rename: toWireNames }
  }

  function fail(error: unknown, request: Request, requestId: string): Answer {
    const context = errorContext(request)
    const answer = errorAnswer(error, context)
    try {
      if (answer.status >= 500) options.onError?.(error, { requestId, method: request.method, path: context.instance })
    } catch {} // who is told must not change what is answered
    return answer
  }

  const close = async (): Promise<void> => {
    monitor.drain()
    streams.close()
  }
  return { fetch: toFetch(serve), base, close, [Symbol.asyncDispose]: close }
}

const probes: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics'])

const nothing = z.strictObject({})

const nothingHere = (): RequestError => new RequestError(404, ['there is nothing here'])

/** Without a fragment: no client sends one. Left out, `schema` takes nothing. */
function readQuery(url: string, schema: z.ZodObject | undefined): unknown {
  const at = url.indexOf('?')
  if (!schema && at < 0) return {}
  const wanted = schema ?? nothing
  return check(wanted, fromPairs(parseForm(at < 0 ? '' : url.slice(at + 1)), wanted))
}

async function readInput(request: Request, schema: z.ZodObject | undefined, most: number): Promise<unknown> {
  if (!schema && !request.body) return {}
  const wanted = schema ?? nothing
  return check(wanted, await readBody(request, wanted, most))
}

/** A key that is none names nothing: 404, as for one that is not there. */
function readParams(path: readonly [string, string][], schema: z.ZodObject): unknown {
  try {
    return check(schema, fromPairs(path, schema))
  } catch (error) {
    if (error instanceof RequestError) throw new RequestError(404, error.errors)
    throw error
  }
}

function* everyOperation(): Generator<[OperationContract, AnyHandler]> {
  for (const resource of Object.keys(contract) as (keyof Contract)[]) {
    const operations: Record<string, OperationContract> = contract[resource]
    const ofResource = handlers[resource] as Record<string, unknown>
    for (const [name, operation] of Object.entries(operations)) yield [operation, ofResource[name] as AnyHandler]
  }
}
