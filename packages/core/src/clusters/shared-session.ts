import { type Clock, type Hypervisor, VirtkitError } from '@virtkit/spi'

const closeTimeoutMs = 5_000

/**
 * A session that many wait for while it is being opened, and then use. One who gives up waiting does not disturb the others;
 * when the last one does, opening ends.
 */
export class SharedSession {
  readonly #fingerprint: string
  readonly #opening = new AbortController()
  readonly #hypervisor: Promise<Hypervisor>
  readonly #failed: () => void
  #waiting = 0
  #settled = false
  #opened: Hypervisor | undefined

  /** `failed` is called when it can be of no use to anyone. */
  constructor(fingerprint: string, connect: (signal: AbortSignal) => Promise<Hypervisor>, failed: () => void) {
    this.#fingerprint = fingerprint
    this.#failed = failed
    this.#hypervisor = this.#connect(connect)
    // Whoever waits is told; without anyone waiting it is nobody's business.
    this.#hypervisor.catch(() => {})
  }

  fits(fingerprint: string): boolean {
    return this.#fingerprint === fingerprint && !this.#opening.signal.aborted
  }

  is(hypervisor: Hypervisor): boolean {
    return this.#opened === hypervisor
  }

  /** Throws `CANCELLED` when the caller's signal aborts, and what `connect` throws. */
  async join(signal: AbortSignal): Promise<Hypervisor> {
    this.#waiting += 1
    let onAbort: (() => void) | undefined
    const givenUp = new Promise<never>((_, reject) => {
      onAbort = () => reject(cancelled())
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
    })
    try {
      return await Promise.race([givenUp, this.#hypervisor])
    } finally {
      if (onAbort) signal.removeEventListener('abort', onAbort)
      this.#waiting -= 1
      if (this.#waiting === 0 && !this.#settled) this.#giveUp()
    }
  }

  /** Promises: done within five seconds, whatever the hypervisor does. */
  async close(clock: Clock): Promise<void> {
    this.#giveUp()
    const inTime = new AbortController()
    const closed = this.#hypervisor.then((hypervisor) => hypervisor[Symbol.asyncDispose]())
    const tooLate = clock.sleep(closeTimeoutMs, inTime.signal)
    try {
      await Promise.race([closed, tooLate])
    } catch {
      // It is gone already, or will not go: nobody is left who could do something about it.
    } finally {
      inTime.abort()
      for (const promise of [closed, tooLate]) promise.catch(() => {})
    }
  }

  async #connect(connect: (signal: AbortSignal) => Promise<Hypervisor>): Promise<Hypervisor> {
    try {
      const hypervisor = await connect(this.#opening.signal)
      if (!this.#opening.signal.aborted) return (this.#opened = hypervisor)
      await hypervisor[Symbol.asyncDispose]()
      throw cancelled()
    } catch (error) {
      this.#failed()
      throw error
    } finally {
      this.#settled = true
    }
  }

  #giveUp(): void {
    this.#opening.abort(cancelled())
    this.#failed()
  }
}

export function cancelled(): VirtkitError<'CANCELLED'> {
  return new VirtkitError('CANCELLED', 'Nobody waits for the hypervisor any more.', { details: {} })
}
