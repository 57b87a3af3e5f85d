import type { RestServer } from '@virtkit/rest'

/** What orchestrators and Prometheus look for at the root. A server of our own has it there as well. */
const atRoot: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics'])

export function besideBase(rest: Pick<RestServer, 'fetch' | 'base'>): Pick<RestServer, 'fetch'> {
  return {
    fetch: (request) => {
      const url = new URL(request.url)
      if (!atRoot.has(url.pathname)) return rest.fetch(request)
      url.pathname = `${rest.base}${url.pathname}`
      return rest.fetch(new Request(url, request))
    },
  }
}
