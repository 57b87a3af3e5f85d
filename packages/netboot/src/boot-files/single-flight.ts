/**
 * Work that several callers wait for and that is done once. A caller may leave; when the last one has left, the work is
 * aborted.
 */
export class SingleFlight {
  readonly #flights = new Map<string, Flight>()

  /** Starts `work`, or joins it where it is under way. Rejects with the signal's reason as soon as the signal aborts. */
  async join(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    signal.throwIfAborted()
    const flight = this.#flights.get(key) ?? this.#start(key, work)
    flight.waiting += 1
    let leave = (): void => {}
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
    })
    try {
      await Promise.race([flight.done, left])
    } finally {
      signal.removeEventListener('abort', leave)
      flight.waiting -= 1
      if (flight.waiting === 0) {
        if (this.#flights.get(key) === flight) this.#flights.delete(key)
        flight.controller.abort()
      }
    }
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<void>): Flight {
    const controller = new AbortController()
    const flight: Flight = { waiting: 0, controller, done: work(controller.signal) }
    this.#flights.set(key, flight)
    const land = (): void => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
    flight.done.then(land, land)
    return flight
  }
}

interface Flight {
  waiting: number
  readonly controller: AbortController
  readonly done: Promise<void>
}
