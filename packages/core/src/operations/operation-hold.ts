import type { Clock } from '@virtkit/spi'

/**
 * What a worker has in its hands, for as long as others can have heard that it lives. A worker that has not said so for a lease may have
 * been stopped, with its whole process, for all that time: others go on with its operation by now, and it must not meet them on the
 * hypervisor. It cannot wait for a timer to tell it, since what it was waiting for comes first when it wakes; so it is judged whenever
 * it is about to begin something.
 */
export class OperationHold {
  readonly #clock: Clock
  readonly #leaseMs: number
  readonly #lost = new AbortController()
  readonly #signal: AbortSignal
  #heardAt: number

  /** `askedAt`: when the claim was asked for, by the steady clock. */
  constructor(clock: Clock, leaseMs: number, askedAt: number, closing: AbortSignal) {
    this.#clock = clock
    this.#leaseMs = leaseMs
    this.#heardAt = askedAt
    this.#signal = AbortSignal.any([closing, this.#lost.signal])
  }

  /** Aborts when the worker closes or has lost what it holds. Reading it judges. */
  get signal(): AbortSignal {
    this.judge()
    return this.#signal
  }

  /** What nobody has heard of for a lease is lost. */
  judge(): void {
    if (this.#clock.steady() - this.#heardAt >= this.#leaseMs) this.lose()
  }

  get isLost(): boolean {
    return this.#lost.signal.aborted
  }

  /** Others can know that we live, as of when we asked to tell them. */
  heard(askedAt: number): void {
    this.#heardAt = askedAt
  }

  lose(): void {
    this.#lost.abort()
  }
}
