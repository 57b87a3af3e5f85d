import { invalidInput } from '@virtkit/spi'

/** What a mount needs of the server: `createRestServer(kit)` is one, and so is any fetch handler in an object. */
export interface Mountable {
  /** Never rejects. */
  readonly fetch: (request: Request) => Promise<Response>
}

export interface MountOptions {
  /**
   * Where the host has put it, when the framework does not take that off the path by itself: `/vm`, for `/vm/rest/v1/machines`.
   * Requests elsewhere are the next handler's. Default: everything is ours.
   */
  readonly prefix?: string
}

/** `/vm/` as `/vm`; the root as nothing. Throws `INVALID_INPUT` for what is no path. */
export function parsePrefix(prefix: string): string {
  const path = prefix.replace(/\/+$/, '')
  if (path === '' || /^(\/[A-Za-z0-9._~!$&'()*+,;=:@-]+)+$/.test(path)) return path
  throw invalidInput([{ field: 'prefix', problem: `is no path: ${prefix}`, hint: 'write it like /vm' }])
}

/** The path and query of a request below the prefix; undefined when it is elsewhere. */
export function below(prefix: string, url: string): string | undefined {
  if (!url.startsWith(prefix)) return undefined
  const rest = url.slice(prefix.length)
  if (rest === '' || rest.startsWith('?')) return `/${rest}`
  return rest.startsWith('/') ? rest : undefined
}
