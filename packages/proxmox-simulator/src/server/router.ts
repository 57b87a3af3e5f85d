import type { Parameters } from '../api/parameters.ts'
import { text } from '../api/parameters.ts'
import type { Route } from '../api/route.ts'

export interface Found {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

export interface Router {
  /** The path without `/api2/json`. */
  find(method: string, path: string): Found | undefined
}

export function createRouter(routes: readonly Route[]): Router {
  const compiled = routes.map((route) => ({
    route: withPathParameters(route),
    // A volume's name has a slash in it, and takes all that is left.
    pattern: new RegExp(`^${route.path.replaceAll('{volume}', '(?<volume>.+)').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
    names: route.path.match(/\{/g)?.length ?? 0,
  }))
  // What is said in full goes before what a name stands for.
  compiled.sort((a, b) => a.names - b.names)
  return {
    find: (method, path) => {
      for (const { route, pattern } of compiled) {
        const match = route.method === method ? pattern.exec(path) : null
        if (match) return { route, params: decodeAll(match.groups ?? {}) }
      }
      return undefined
    },
  }
}

function withPathParameters(route: Route): Route {
  const named: Parameters = route.path.includes('{node}') ? { node: text({ format: 'node' }) } : {}
  return { ...route, parameters: { ...named, ...route.parameters } }
}

function decodeAll(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(groups).map(([name, value]) => {
      try {
        return [name, decodeURIComponent(value)]
      } catch {
        return [name, value]
      }
    }),
  )
}
