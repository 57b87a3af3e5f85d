/** A moment in a run: just before a side effect, or just after it, when its answer is not known to anybody yet. */
export interface Point {
  readonly effect: string
  /** Of the effects of that name, from 1. */
  readonly nth: number
  readonly when: 'before' | 'after'
}

/** Something that outlives the process: a call that changes the hypervisor, or a commit. */
export interface Effect {
  readonly name: string
  readonly nth: number
}

/** Counts the side effects of this process, in order, and ends the process at one point of them. */
export class SideEffects {
  readonly seen: Effect[] = []
  readonly #point: Point | undefined
  readonly #counts = new Map<string, number>()

  constructor(point: Point | undefined) {
    this.#point = point
  }

  before(name: string): Effect {
    const nth = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, nth)
    const effect = { name, nth }
    this.seen.push(effect)
    this.#dieAt(effect, 'before')
    return effect
  }

  after(effect: Effect): void {
    this.#dieAt(effect, 'after')
  }

  #dieAt({ name, nth }: Effect, when: Point['when']): void {
    const point = this.#point
    if (point?.effect !== name || point.nth !== nth || point.when !== when) return
    process.kill(process.pid, 'SIGKILL')
    // Nothing runs any more, not even until the signal arrives.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  }
}
