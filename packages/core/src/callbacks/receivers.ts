import { lookup as lookupName } from 'node:dns/promises'
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { type LookupFunction, isIP, isIPv4 } from 'node:net'
import { VirtkitError, isVirtkitError } from '@virtkit/spi'
import { AddressBlocks } from '../options/address-blocks.ts'
import type { ReceiverOptions } from '../options/options.ts'
import { problemWithUrl } from './callback-rules.ts'
import { isPublicAddress } from './public-address.ts'
import { answerOf, problemOf } from './receiver-rules.ts'
import { trustedBesides } from './trusted-authorities.ts'

/** What became of a post. */
export type Told =
  | { readonly isAccepted: true }
  | {
      readonly isAccepted: false
      /** Why, for people, in our own words: what a socket or a receiver says may repeat the URL, and that may hold a token. */
      readonly problem: string
      /** The receiver wants no more of it (410). */
      readonly isFinal?: boolean
      /** How long the receiver asked to be left alone, in milliseconds. */
      readonly restMs?: number
    }

/**
 * Posts JSON to addresses that somebody gave us.
 *
 * Promises: a name is looked up once for each post, every address that it has is checked, and what was checked is what is connected
 * to; a redirect is an answer like any other and not followed; no socket outlives the call; nothing of a body is read.
 */
export class Receivers {
  /** For all of a post, in milliseconds. */
  readonly timeoutMs: number
  readonly #allowed: AddressBlocks
  readonly #trust: object
  readonly #resolve: (name: string) => Promise<readonly string[]>

  constructor({ allow = [], ca, timeoutMs = 10_000, resolve = systemResolve }: ReceiverOptions = {}) {
    this.#allowed = new AddressBlocks(allow)
    this.#trust = trustedBesides(ca)
    this.timeoutMs = timeoutMs
    this.#resolve = resolve
  }

  /** What is wrong with a URL that somebody wants to be told at, as far as it can be seen from it alone; else `undefined`. */
  problemWith(text: string): string | undefined {
    const problem = problemWithUrl(text)
    if (problem !== undefined) return problem
    const host = hostOf(new URL(text))
    const isThisMachine = /^(.+\.)?localhost\.?$/.test(host) && !this.#mayBeTold('127.0.0.1')
    if (!isThisMachine && (isIP(host) === 0 || this.#mayBeTold(host))) return undefined
    return 'must not lead into a private network or to this machine, unless the host allows it (`receivers.allow`)'
  }

  /** Never throws. */
  async post(url: string, body: string, headers: object, signal: AbortSignal): Promise<Told> {
    const ends = AbortSignal.any([signal, AbortSignal.timeout(this.timeoutMs)])
    try {
      const target = new URL(url)
      const addresses = await this.#addressesOf(target, ends)
      const { statusCode = 0, headers: said } = await this.#exchange(target, addresses, body, headers, ends)
      return answerOf(statusCode, said)
    } catch (error) {
      return { isAccepted: false, problem: isVirtkitError(error) ? error.message : problemOf(error) }
    }
  }

  /** All of them, checked. Throws `FORBIDDEN` when one of them is not to be told. */
  async #addressesOf(target: URL, signal: AbortSignal): Promise<readonly string[]> {
    const host = hostOf(target)
    const found = isIP(host) === 0 ? await until(signal, this.#resolve(host)) : [host]
    if (found.length === 0 || !found.every((address) => this.#mayBeTold(address))) throw notAllowed()
    return found
  }

  #mayBeTold(address: string): boolean {
    return isPublicAddress(address) || this.#allowed.has(address)
  }

  #exchange(
    target: URL,
    addresses: readonly string[],
    body: string,
    headers: object,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const request = target.protocol === 'https:' ? requestHttps : requestHttp
    return new Promise((resolve, reject) => {
      const sent: ClientRequest = request(target, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
        agent: false,
        signal,
        lookup: answering(addresses),
        ...this.#trust,
      })
      sent.on('error', reject)
      sent.on('response', (response) => {
        resolve(response)
        response.destroy()
      })
      // Also after an answer that is none, such as a change of protocols.
      sent.on('close', () => reject(new Error('closed')))
      sent.end(body)
    })
  }
}

/** Hosts as the URL parser writes them: IPv4 in dots whatever it was, IPv6 without brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

/** A look-up that knows its answer. */
function answering(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }))
  return (_name, options, done) => {
    if (options.all) done(null, found)
    else done(null, found[0]!.address, found[0]!.family)
  }
}

async function systemResolve(name: string): Promise<readonly string[]> {
  return (await lookupName(name, { all: true })).map(({ address }) => address)
}

/** A look-up cannot be broken off, but it need not be waited for. */
async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function notAllowed(): VirtkitError<'FORBIDDEN'> {
  return new VirtkitError('FORBIDDEN', 'The receiver is in a private network, and this installation tells nobody there.', {
    details: { permission: 'private receivers' },
    hint: 'The host allows networks by name with `receivers.allow`.',
  })
}
