import { VirtkitError } from '@virtkit/spi'
import type { ChangeState, WorldState } from './world-state.ts'

/** So many changes can be asked for again; who was away for longer reads the inventory. */
const keptChanges = 10_000

/** What happened to machines, in order, and who waits for it. */
export class ChangeFeed {
  readonly #state: WorldState
  readonly #waiting = new Set<() => void>()

  constructor(state: WorldState) {
    this.#state = state
  }

  tell(kind: ChangeState['kind'], ref: string): void {
    const { changes } = this.#state
    this.#state.lastChange += 1
    changes.push({ number: this.#state.lastChange, kind, ref })
    if (changes.length > keptChanges) changes.splice(0, changes.length - keptChanges)
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  cursor(number: number = this.#state.lastChange): string {
    return `${this.#state.seed}.${number}`
  }

  /** Throws `CONFLICT` for a cursor from which nothing can be resumed. */
  read(cursor: string): number {
    const match = /^(-?\d+)\.(\d{1,15})$/.exec(cursor)
    const number = Number(match?.[2])
    if (match && Number(match[1]) === this.#state.seed && number >= this.#oldest && number <= this.#state.lastChange)
      return number
    throw new VirtkitError('CONFLICT', 'These changes cannot be resumed from that cursor.', {
      details: { field: 'since' },
      hint: 'Read the whole inventory, then watch from now.',
    })
  }

  /** Throws `CONFLICT` when the first of them are not kept any more: the reader was too slow. */
  after(number: number): readonly ChangeState[] {
    return this.#state.changes.slice(this.read(this.cursor(number)) - this.#oldest)
  }

  get #oldest(): number {
    return this.#state.lastChange - this.#state.changes.length
  }

  /** Resolves at the next change, or when the signal aborts. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const done = (): void => {
        signal.removeEventListener('abort', done)
        this.#waiting.delete(done)
        resolve()
      }
      this.#waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
