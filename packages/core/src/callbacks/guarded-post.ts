import { type LookupAddress, lookup as lookupName } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { type LookupFunction, isIP } from 'node:net'
import { VirtkitError } from '@virtkit/spi'
import { isPublicAddress } from './public-address.ts'

export interface GuardedPost {
  readonly headers: object
  readonly signal: AbortSignal
  /** For all of it, in milliseconds. */
  readonly timeoutMs: number
  readonly allowPrivateTargets: boolean
}

/**
 * Posts JSON to an address that somebody gave us, and answers the status. Promises: the name is resolved once, and what was
 * checked is what is connected to; redirects are not followed; no socket outlives the call. Throws `FORBIDDEN` for a target that
 * is not public, otherwise whatever the socket says.
 */
export async function postGuarded(url: URL, body: string, options: GuardedPost): Promise<number> {
  const { allowPrivateTargets, timeoutMs } = options
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!allowPrivateTargets && isIP(host) && !isPublicAddress(host)) throw notPublic()
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)])
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...options.headers },
      agent: false,
      signal,
      ...(allowPrivateTargets ? {} : { lookup: publicLookup }),
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    sent.end(body)
  })
}

/** Looks a name up and lets only public addresses of it pass; none at all when one of them is not. */
const publicLookup: LookupFunction = (hostname, options, done) => {
  lookupName(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    if (error) return done(error, [])
    if (found.length === 0 || found.some(({ address }) => !isPublicAddress(address))) return done(notPublic(), [])
    if (options.all) return done(null, found)
    done(null, found[0]!.address, found[0]!.family)
  })
}

function notPublic(): VirtkitError<'FORBIDDEN'> & NodeJS.ErrnoException {
  return new VirtkitError('FORBIDDEN', 'The receiver is in a private network, and this installation tells nobody there.', {
    details: { permission: 'private targets' },
    hint: 'The host allows it with `allowPrivateTargets`.',
  }) as never
}
