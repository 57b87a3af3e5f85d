import { VirtkitError } from '@virtkit/spi'
import type { Caller } from '../server/caller.ts'

export type { Caller } from '../server/caller.ts'

/** What a mount needs of the server: `createRestServer(kit, { base: '/vm/rest/v1' })` is one. */
export interface Mountable {
  /** Never rejects. */
  readonly fetch: (request: Request, caller?: Caller) => Promise<Response>
  /** Where it is, as clients see it: requests elsewhere are the host's. Left out: everything is its own. */
  readonly base?: string
}

/** The path and query of a request: proxies name the whole address, `GET http://host/path`. */
export function pathOf(url: string): string {
  const absolute = /^https?:\/\//i.test(url) ? URL.parse(url) : null
  return absolute ? absolute.pathname + absolute.search : url
}

export function isOurs({ base = '' }: Mountable, url: string): boolean {
  const isBelow = url.startsWith(base)
  return isBelow && (base.endsWith('/') || base === '' || /^([/?]|$)/.test(url.slice(base.length)))
}

/** The host has mounted below a path in which the server does not believe itself: nothing would ever come to it. */
export function misplaced({ base = '' }: Mountable, prefix: string): VirtkitError | undefined {
  if (base.startsWith(prefix)) return undefined
  return new VirtkitError('CONFLICT', `Virtkit is mounted below ${prefix}, and answers below ${base}.`, {
    details: { field: 'base', with: prefix },
    hint: `Say where it is when it is made: createRestServer(kit, { base: '${prefix}${base}' }).`,
  })
}
