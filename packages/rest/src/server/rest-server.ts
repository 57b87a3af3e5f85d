import type { UserActor, Virtkit } from '@virtkit/core'
import { Hono } from 'hono'
import { z } from 'zod'
import { type Contract, base as originalBase, contract } from '../contract/contract.ts'
import type { OperationContract } from '../contract/operation.ts'
import { authenticateBasic } from './authenticate.ts'
import { RequestError, challenge, errorResponse } from './error-response.ts'
import type { Call } from './handler.ts'
import { handlers } from './handlers/every-handler.ts'
import { parseForm, readBody } from './read-body.ts'
import { check, fromPairs } from './read-input.ts'
import { toWireNames } from './wire-names.ts'

export interface RestOptions {
  /** Where the API begins. Default `/rest/v1`, as the original has it. */
  readonly base?: string
  /** Tells who asks, in place of our users and tokens; `undefined` is nobody. */
  readonly authenticate?: (request: Request) => Promise<UserActor | undefined> | UserActor | undefined
  /** The largest body, in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number
  /** Refuses who has not accepted the host's license agreement (403), but for `/eula` and what is about oneself. Default false. */
  readonly requireEula?: boolean
}

export interface RestServer extends AsyncDisposable {
  /** Promises: answers whatever comes, and never rejects. */
  readonly fetch: (request: Request) => Promise<Response>
  close(): Promise<void>
}

type AnyHandler = (input: Call & { params: unknown; query: unknown; body: unknown }) => Promise<unknown>

/** The HTTP face of a kit, as a fetch handler. The kit stays the caller's to close. */
export function createRestServer(kit: Virtkit, options: RestOptions = {}): RestServer {
  const base = options.base ?? originalBase
  const authenticate = options.authenticate ?? ((request: Request) => authenticateBasic(kit, request))
  const most = options.maxBodyBytes ?? 1024 ** 2
  const app = new Hono({ strict: false })

  const respond = async (
    operation: OperationContract,
    handler: AnyHandler,
    request: Request,
    path: Record<string, string>,
  ) => {
    const call = { kit, services: kit, request } as Omit<Call, 'by'> & { by?: Call['by'] }
    if (operation.permission !== 'public') {
      const actor = await authenticate(request)
      if (!actor) throw new RequestError(401, ['who are you? send a token or name and password'], challenge)
      if (
        operation.permission !== 'signed-in' &&
        actor.permissions !== 'all' &&
        !actor.permissions.has(operation.permission)
      )
        throw new RequestError(403, [`${actor.name} lacks the permission ${operation.permission}`])
      if (options.requireEula && operation.permission !== 'signed-in') await kit.eula.requireAccepted({ actor })
      call.by = { actor }
    }
    const search = new URL(request.url).search.slice(1)
    const input = {
      ...(call as Call),
      params: readParams(path, operation.params ?? nothing),
      query: check(operation.query ?? nothing, fromPairs(parseForm(search), operation.query ?? nothing)),
      body: operation.body ? check(operation.body, await readBody(request, operation.body, most)) : {},
    }
    const result = await handler(input)
    if (result instanceof Response) return result
    return Response.json(result, { status: operation.status ?? 200 })
  }

  for (const [operation, handler] of everyOperation()) {
    app.on(operation.method, `${base}${operation.path}`, async (context) => {
      const request = context.req.raw
      try {
        return await respond(operation, handler, request, context.req.param() as Record<string, string>)
      } catch (error) {
        return errorResponse(error, errorContext(request))
      }
    })
  }
  app.notFound((context) => errorResponse(new RequestError(404, ['there is nothing here']), errorContext(context.req.raw)))
  app.onError((error, context) => errorResponse(error, errorContext(context.req.raw)))

  function errorContext(request: Request) {
    const { pathname } = new URL(request.url)
    const instance = pathname.startsWith(base) ? pathname.slice(base.length) || '/' : pathname
    const asProblem = (request.headers.get('accept') ?? '').includes('application/problem+json')
    return { instance, now: Date.now(), asProblem, rename: toWireNames }
  }

  const close = async (): Promise<void> => {}
  return { fetch: async (request) => app.fetch(request), close, [Symbol.asyncDispose]: close }
}

const nothing = z.strictObject({})

/** A key that is none names nothing: 404, as for one that is not there. */
function readParams(path: Record<string, string>, schema: z.ZodObject): unknown {
  try {
    return check(schema, fromPairs(Object.entries(path), schema))
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
