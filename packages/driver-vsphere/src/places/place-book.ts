import type { VimClient } from '../client/vim-client.ts'
import type { Places } from './places.ts'
import { readPlaces } from './read-places.ts'

/** How old names of places may be where a machine is only described. */
const freshMs = 2_000
const readTimeoutMs = 60_000

/** The places of a server, read once for all who ask at the same time. */
export class PlaceBook {
  readonly #client: VimClient
  readonly #isVcenter: boolean
  #known: { readonly places: Places; readonly at: number } | undefined
  #reading: Promise<Places> | undefined

  constructor(client: VimClient, isVcenter: boolean) {
    this.#client = client
    this.#isVcenter = isVcenter
  }

  /** Places not older than two seconds; as they are now, when `now` is set. */
  async places(signal: AbortSignal, now = false): Promise<Places> {
    if (!now && this.#known && performance.now() - this.#known.at < freshMs) return this.#known.places
    // Of those that began before us one may have been read before what we want to see.
    if (now && this.#reading) await untilAborted(this.#reading, signal).catch(() => undefined)
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined))
    return untilAborted(this.#reading, signal)
  }

  async #read(): Promise<Places> {
    const at = performance.now()
    const options = { signal: AbortSignal.timeout(readTimeoutMs) }
    const places = await readPlaces(this.#client, this.#isVcenter, options)
    this.#known = { places, at }
    return places
  }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const stop = (): void => reject(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  return promise
}
