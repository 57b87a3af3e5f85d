import type { IncomingMessage } from 'node:http'
import { nobody, authenticate } from './authentication.ts'
import { ApiError, denied, invalidParameters } from '../api-error.ts'
import { type RawParams, checkParameters } from '../api/parameters.ts'
import type { Call, Hall, Route } from '../api/route.ts'
import type { Caller } from '../access/accounts.ts'
import { parseForm, readBody } from './request-body.ts'
import type { Found, Router } from './router.ts'

export interface Asked {
  readonly method: string
  /** Without `/api2/json` and without the query. */
  readonly path: string
  readonly query: string
  readonly found: Found | undefined
}

/** Cuts the request's line into what the rest works with; undefined when it is not about the API. */
export function readLine(router: Router, { method = 'GET', url = '/' }: IncomingMessage): Asked | undefined {
  const [, path, query = ''] = /^\/api2\/json(\/[^?]*)?(?:\?(.*))?$/.exec(url) ?? []
  const plain = (path ?? '/').replace(/(?<=.)\/$/, '')
  return path === undefined ? undefined : { method, path: plain, query, found: router.find(method, plain) }
}

export type Uploads = Map<string, Call['uploads'] extends ReadonlyMap<string, infer File> ? File : never>

/** Reads one request, in the original's order: who, what, where, may he, with what. Answers the deed, which is yet to be done. */
export async function readRequest(
  hall: Hall & { uploads: Uploads },
  asked: Asked,
  request: IncomingMessage,
): Promise<() => Promise<unknown>> {
  const { method, path, query, found } = asked
  const caller = authenticate(hall.accounts, request, path)
  if (!found) throw new ApiError(501, `Method '${method} ${path}' not implemented`)
  const { route, params: fromPath } = found
  const { params: fromBody, file } = await readBody(request, hall.keepsUploads)
  refuseConflicts(fromPath, fromBody)
  const given: RawParams = { ...parseForm(query), ...fromBody, ...fromPath }
  checkAccess(hall, caller, route, given)
  const { node } = fromPath
  if (node !== undefined) hall.world.node(node)
  const call = callOf(hall, caller, checkParameters(route.parameters, given))
  return async () => {
    if (file) hall.uploads.set(file.name, file.file)
    try {
      return await route.answer(call)
    } finally {
      if (file) hall.uploads.delete(file.name)
    }
  }
}

function refuseConflicts(fromPath: Readonly<Record<string, string>>, fromBody: RawParams): void {
  for (const [name, value] of Object.entries(fromPath)) {
    if (fromBody[name] !== undefined && fromBody[name] !== value) {
      throw invalidParameters({ [name]: 'duplicate parameter (already defined in URI) with conflicting values!' })
    }
  }
}

function checkAccess(hall: Hall, caller: Caller, { access }: Route, given: RawParams): void {
  if (access === 'world') return
  if (caller === nobody) throw denied()
  if (access === 'all') return
  const { path, privileges, any } = typeof access === 'function' ? access(hall, given) : access
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(given[name] ?? ''))
  hall.permissions.check(caller, filled, privileges, any)
}

function callOf(hall: Hall, caller: Caller, params: Call['params']): Call {
  return {
    ...hall,
    caller,
    params,
    isRoot: caller.id === 'root@pam',
    start: (node, type, id, work) => hall.tasks.start({ node, type, id, user: caller.id }, work),
    may: (path, privileges, any) => hall.permissions.may(caller, path, privileges, any),
    check: (path, privileges, any) => hall.permissions.check(caller, path, privileges, any),
  }
}
