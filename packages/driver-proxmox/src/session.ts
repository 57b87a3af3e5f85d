import type { Call } from '@virtkit/spi'
import { KeyedQueue } from './client/keyed-queue.ts'
import { PveCall } from './client/pve-call.ts'
import { PveError, aborted } from './client/pve-error.ts'
import { SharedRead } from './client/shared-read.ts'
import type { PveTransport } from './client/transport.ts'
import { number, records, text } from './client/wire.ts'
import { toVirtkitError } from './errors.ts'
import type { ProxmoxOptions } from './options.ts'

/** A machine as the cluster's list has it: the parts that are of now. */
export interface ListedGuest {
  readonly vmid: number
  readonly node: string
  readonly tags: readonly string[]
}

/** One client of a cluster: everything that is asked of it goes through here, and ends when it closes. */
export class Session {
  readonly options: ProxmoxOptions
  /** One change at a time for each machine: two at once, and one of them fails. */
  readonly queue: KeyedQueue<number> = new KeyedQueue()
  readonly #transport: PveTransport
  readonly #closing = new AbortController()
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #guests: SharedRead<ReadonlyMap<number, ListedGuest>>

  constructor(transport: PveTransport, options: ProxmoxOptions) {
    this.#transport = transport
    this.options = options
    this.#guests = new SharedRead(() => this.#readGuests())
  }

  /** Carries out one call of a facet. Throws `VirtkitError` only. */
  async perform<T>(call: Call, work: (pve: PveCall) => Promise<T>): Promise<T> {
    const { signal, release } = this.link(call.signal)
    const { lockWaitMs: lockMs, taskTimeoutMs: taskMs } = this.options
    const pve = new PveCall(this.#transport, { lockMs, taskMs, silenceMs: 120_000 }, signal)
    const doing = this.#begin(pve, work)
    this.#underWay.add(doing)
    try {
      return await doing
    } catch (error) {
      throw toVirtkitError(error, pve.happened)
    } finally {
      release()
      this.#underWay.delete(doing)
    }
  }

  /** A signal that aborts with the caller's, or when the session closes. */
  link(signal: AbortSignal): { readonly signal: AbortSignal; readonly release: () => void } {
    const abort = new AbortController()
    const end = (): void => abort.abort()
    const sources = [signal, this.#closing.signal]
    for (const source of sources) {
      if (source.aborted) end()
      source.addEventListener('abort', end, { once: true })
    }
    const release = (): void => {
      for (const source of sources) source.removeEventListener('abort', end)
    }
    return { signal: abort.signal, release }
  }

  /** Every machine of the cluster that the credentials see, by its number. */
  guests(pve: PveCall): Promise<ReadonlyMap<number, ListedGuest>> {
    return this.#guests.fresh(pve.signal)
  }

  /** Ends what is under way with `CANCELLED` and closes every socket; twice is fine. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#underWay)
    await this.#transport.close()
  }

  async #begin<T>(pve: PveCall, work: (pve: PveCall) => Promise<T>): Promise<T> {
    if (this.#closing.signal.aborted) {
      throw new PveError({ kind: 'unreachable', endpoint: this.options.url }, 'This session is closed.', 'no')
    }
    if (pve.signal.aborted) throw aborted('no')
    return work(pve)
  }

  async #readGuests(): Promise<ReadonlyMap<number, ListedGuest>> {
    const path = '/cluster/resources'
    const params = { type: 'vm' }
    const list = await this.#transport.request({ method: 'GET', path, params, signal: this.#closing.signal })
    const guests = new Map<number, ListedGuest>()
    for (const line of records(list)) {
      const [vmid, node] = [number(line['vmid']), text(line['node'])]
      if (vmid === undefined || node === undefined) continue
      // Containers have numbers too, and nothing else that concerns us.
      guests.set(vmid, { vmid, node: text(line['type']) === 'lxc' ? '' : node, tags: splitTags(text(line['tags'])) })
    }
    return guests
  }
}

export function splitTags(tags: string | undefined): readonly string[] {
  return (tags ?? '').split(/[;, ]+/).filter((tag) => tag !== '')
}
