import { TrieRouter } from 'hono/router/trie-router'
import { getPathNoStrict, tryDecodeURIComponent } from 'hono/utils/url'
import type { OperationContract } from '../contract/operation.ts'

/** An operation, and what it calls the parameters of its path. */
export interface RouteEntry<Handler> {
  readonly operation: OperationContract
  readonly handler: Handler
  readonly names: readonly string[]
}

/** All that is done at one path. */
export interface Route<Handler> {
  /** Parameters by their place: `/machines/:p0/snapshots/:p1`. */
  readonly path: string
  readonly entries: ReadonlyMap<string, RouteEntry<Handler>>
}

/** Operations by path, literal ones before those with parameters: `/users/current` is not the user `current`. */
export function routesOf<Handler>(operations: Iterable<readonly [OperationContract, Handler]>): Route<Handler>[] {
  const routes = new Map<string, Map<string, RouteEntry<Handler>>>()
  for (const [operation, handler] of operations) {
    const names = [...operation.path.matchAll(/:(\w+)/g)].map(([, name]) => name!)
    let place = 0
    const path = operation.path.replaceAll(/:\w+/g, () => `:p${place++}`)
    const entries = routes.get(path) ?? new Map<string, RouteEntry<Handler>>()
    if (entries.has(operation.method)) throw new Error(`${operation.method} ${operation.path} is in the contract twice`)
    routes.set(path, entries.set(operation.method, { operation, handler, names }))
  }
  return [...routes].map(([path, entries]) => ({ path, entries })).toSorted((a, b) => compare(a.path, b.path))
}

/** What `Allow` says at a path (RFC 9110, 10.2.1). */
export function allowed(route: Route<unknown>): string {
  const methods = [...route.entries.keys()]
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
}

/** Finds what was put at the path of a request, and the values of the parameters there. Promises: the first that was put there wins. */
export class PathFinder<T> {
  readonly #router = new TrieRouter<T>()

  put(path: string, what: T): void {
    this.#router.add('ALL', path, what)
  }

  find(request: Request): { readonly what: T; readonly values: Readonly<Record<string, string>> } | undefined {
    const [first] = this.#router.match('ALL', getPathNoStrict(request))[0]
    if (!first) return undefined
    const [what, given] = first
    const values: Record<string, string> = {}
    for (const name in given) values[name] = tryDecodeURIComponent(String(given[name]))
    return { what, values }
  }
}

/** The values of a path by the names that the operation has for them. */
export function nameParams(names: readonly string[], values: Readonly<Record<string, string>>): [string, string][] {
  return names.map((name, place) => [name, values[`p${place}`] ?? ''])
}

// A colon sorts behind digits, but before letters: `~` is behind all.
const compare = (a: string, b: string): number => {
  const [left, right] = [a.replaceAll(':', '~'), b.replaceAll(':', '~')]
  return left < right ? -1 : left > right ? 1 : 0
}
