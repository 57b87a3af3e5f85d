import type { Clock, DomainEvent } from '@virtkit/spi'
import type { Database } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import { isEnding } from './operation-rules.ts'

/** How often those who wait look, besides being told: soon at first, then now and then. */
const pollMs = { first: 50, most: 5_000 }
const idsPerLook = 128

interface Waiter {
  readonly done: () => void
  readonly fail: (error: unknown) => void
}

/**
 * Everybody in this process who waits for the end of an operation. However many they are, one listener hears of the ends, and
 * one loop looks for what it has not heard of.
 */
export class OperationWaiters {
  readonly #database: Database
  readonly #events: Pick<Events, 'on'>
  readonly #clock: Clock
  readonly #waiters = new Map<string, Set<Waiter>>()
  #pauseMs = pollMs.first
  #isLooking = false
  #wake = new AbortController()

  constructor(database: Database, events: Pick<Events, 'on'>, clock: Clock) {
    this.#database = database
    this.#events = events
    this.#clock = clock
  }

  /** Resolves when the operation has ended. Rejects with the signal's reason, and when the database cannot be asked. */
  untilEnded(id: string, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const leave = (): void => {
        signal?.removeEventListener('abort', onAbort)
        this.#remove(id, waiter)
      }
      const onAbort = (): void => waiter.fail(signal?.reason)
      const waiter: Waiter = {
        done: () => {
          leave()
          resolve()
        },
        fail: (error) => {
          leave()
          reject(error as Error)
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#add(id, waiter)
    })
  }

  #add(id: string, waiter: Waiter): void {
    const others = this.#waiters.get(id)
    if (others) others.add(waiter)
    else this.#waiters.set(id, new Set([waiter]))
    const slept = this.#pauseMs
    this.#pauseMs = pollMs.first
    if (!this.#isLooking) void this.#look()
    else if (slept > pollMs.first) this.#wake.abort()
  }

  #remove(id: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(id)
    waiters?.delete(waiter)
    if (waiters?.size === 0) this.#waiters.delete(id)
    if (this.#waiters.size === 0) this.#wake.abort()
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    const stop = this.#events.on('*', (event) => this.#hear(event))
    while (this.#waiters.size > 0) {
      this.#wake = new AbortController()
      await this.#lookAtAll()
      if (this.#waiters.size === 0) break
      await this.#clock.sleep(this.#pauseMs, this.#wake.signal).catch(() => {})
      if (!this.#wake.signal.aborted) this.#pauseMs = Math.min(this.#pauseMs * 2, pollMs.most)
    }
    stop()
    this.#isLooking = false
  }

  async #lookAtAll(): Promise<void> {
    const ids = [...this.#waiters.keys()]
    for (let at = 0; at < ids.length; at += idsPerLook) {
      const some = ids.slice(at, at + idsPerLook)
      try {
        for (const id of await this.#endedOf(some)) this.#end(id)
      } catch (error) {
        for (const id of some) for (const waiter of this.#waiters.get(id) ?? []) waiter.fail(error)
      }
    }
  }

  async #endedOf(ids: readonly string[]): Promise<string[]> {
    // One statement for every number of waiters: the first stands in for those that are missing.
    const filled = ids.length === 1 ? ids : Array.from({ length: idsPerLook }, (_, index) => ids[index] ?? ids[0]!)
    const rows = await this.#database.queries
      .selectFrom('operations')
      .select('id')
      .where('id', 'in', filled)
      .where('endedAt', 'is not', null)
      .execute()
    return rows.map((row) => row.id)
  }

  #hear({ type, data }: DomainEvent): void {
    if (typeof data['operation'] === 'string' && isEnding(type)) this.#end(data['operation'])
  }

  #end(id: string): void {
    for (const waiter of this.#waiters.get(id) ?? []) waiter.done()
  }
}
