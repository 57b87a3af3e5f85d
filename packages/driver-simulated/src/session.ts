import type { Call, Clock } from '@virtkit/spi'
import type { CallCounter } from './call-counts.ts'
import { cancelled, faultError, unavailable } from './errors.ts'
import { type CallSubject, type FaultSource, type Latency, delay } from './faults.ts'
import type { RunningGuests } from './guest-house.ts'
import type { WorldCore } from './world/world-core.ts'

/** Everything behind the facets: one world, and what happens to those who call it. */
export interface Simulator {
  readonly core: WorldCore
  readonly guests: RunningGuests
  readonly clock: Clock
  readonly faults: FaultSource
  readonly calls: CallCounter
  readonly latency: Latency
  readonly random: () => number
  /** Sessions that are open. */
  readonly sessions: Set<Session>
}

export interface Work<T> {
  readonly method: string
  readonly call: Call
  readonly subject?: CallSubject
  /** Done at once and as a whole, unless it waits; then it minds the signal itself. */
  readonly run: (signal: AbortSignal) => T | Promise<T>
}

/** One client of the simulator: counts, delays and breaks calls, and ends them when it closes. */
export class Session {
  readonly simulator: Simulator
  readonly #closing = new AbortController()
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(simulator: Simulator) {
    this.simulator = simulator
    simulator.sessions.add(this)
  }

  async perform<T>(work: Work<T>): Promise<T> {
    if (this.#closing.signal.aborted) throw unavailable('This session is closed.', 'did-not-happen')
    const leave = this.simulator.calls.enter(work.method)
    const abort = new AbortController()
    const end = (): void => abort.abort()
    for (const signal of [work.call.signal, this.#closing.signal]) signal.addEventListener('abort', end, { once: true })
    if (work.call.signal.aborted) end()
    const doing = this.#perform(work, abort.signal)
    const settled = doing.then(
      () => undefined,
      () => undefined,
    )
    this.#underWay.add(settled)
    try {
      return await doing
    } finally {
      leave()
      this.#underWay.delete(settled)
      for (const signal of [work.call.signal, this.#closing.signal]) signal.removeEventListener('abort', end)
    }
  }

  /** The signal of a stream: it aborts with the call's or when the session closes; `release` lets go of both. */
  link(signal: AbortSignal): { readonly signal: AbortSignal; readonly release: () => void } {
    const abort = new AbortController()
    const end = (): void => abort.abort()
    const sources = [signal, this.#closing.signal]
    for (const source of sources) {
      if (source.aborted) end()
      source.addEventListener('abort', end, { once: true })
    }
    return {
      signal: abort.signal,
      release: () => {
        for (const source of sources) source.removeEventListener('abort', end)
      },
    }
  }

  /** Ends what is under way with `CANCELLED`; twice is fine. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#underWay)
    this.simulator.sessions.delete(this)
  }

  async #perform<T>({ method, subject, run }: Work<T>, signal: AbortSignal): Promise<T> {
    const { faults, latency, random, clock, core } = this.simulator
    if (signal.aborted) throw cancelled('did-not-happen')
    const fault = faults.take(method, subject ?? {})
    const error = fault && faultError(fault)
    if (error && fault.kind !== 'answer-lost') throw error
    const linger = async (): Promise<void> => {
      if (fault?.kind === 'slow') await clock.sleep(fault.ms ?? 0, signal)
      if (fault?.kind === 'hang') await aborted(signal)
    }
    try {
      await delay(method, latency, random, clock, signal)
      if (!fault?.done) await linger()
    } catch (cause) {
      throw signal.aborted ? cancelled('did-not-happen') : cause
    }
    let result: T
    try {
      result = await run(signal)
      await core.keeper.saved()
    } catch (failure) {
      // A lost answer is lost whatever it said.
      throw error ?? failure
    }
    if (error) throw error
    try {
      if (fault?.done) await linger()
    } catch (cause) {
      throw signal.aborted ? cancelled('unknown') : cause
    }
    return result
  }
}

/** Rejects when the signal aborts; without an abort, never ends. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
