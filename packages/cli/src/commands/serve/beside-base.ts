import type { RestServer } from '@virtkit/rest'
import type { Mountable } from '@virtkit/rest/node'

/** What orchestrators and Prometheus look for at the root. A server of our own has it there as well. */
const atRoot: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics'])

export function besideBase(rest: Mountable & Pick<RestServer, 'base'>): Mountable {
  return {
    fetch: (request, caller) => {
      const url = new URL(request.url)
      if (!atRoot.has(url.pathname)) return rest.fetch(request, caller)
      url.pathname = `${rest.base}${url.pathname}`
      return rest.fetch(new Request(url, request), caller)
    },
  }
}
