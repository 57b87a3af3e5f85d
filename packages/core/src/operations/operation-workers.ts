import { type Clock, toVirtkitError, type VirtkitError } from '@virtkit/spi'
import type { Events } from '../events/events.ts'
import type { OperationDefinition } from './operation-definition.ts'
import { OperationRun } from './operation-run.ts'
import { ClaimLost, type OperationRow, type OperationStore } from './operation-store.ts'

export interface WorkerOptions {
  readonly worker: string
  readonly concurrency: number
  readonly pollMs: number
  readonly leaseMs: number
  readonly onError: (error: VirtkitError) => void
}

interface Running {
  readonly row: OperationRow
  readonly run: OperationRun
  readonly lost: AbortController
  readonly ended: Promise<void>
}

/**
 * Claims operations and works on them, side by side, until it is disposed; then it ends what is under way within the step's
 * own time to abort, and gives it back.
 */
export class OperationWorkers implements AsyncDisposable {
  readonly #parts: { store: OperationStore; events: Events; clock: Clock }
  readonly #definitions: ReadonlyMap<string, OperationDefinition>
  readonly #options: WorkerOptions
  readonly #closing = new AbortController()
  readonly #running = new Map<string, Running>()
  #nudge = new AbortController()
  #loops: Promise<unknown> | undefined

  constructor(
    parts: { store: OperationStore; events: Events; clock: Clock },
    definitions: ReadonlyMap<string, OperationDefinition>,
    options: WorkerOptions,
  ) {
    this.#parts = parts
    this.#definitions = definitions
    this.#options = options
  }

  start(): void {
    this.#loops ??= Promise.all([this.#claimLoop(), this.#heartbeatLoop()])
  }

  /** There may be work: look now. */
  nudge(): void {
    this.#nudge.abort()
  }

  /** Has a running operation of this process stop at once. */
  cancel(id: string): void {
    this.#running.get(id)?.run.requestCancel()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    this.#nudge.abort()
    await this.#loops
    await Promise.all([...this.#running.values()].map((each) => each.ended))
    if (this.#loops) await this.#parts.store.abandon(this.#options.worker, this.#parts.clock.now()).catch(() => {})
  }

  async #claimLoop(): Promise<void> {
    const { store, clock } = this.#parts
    const { worker, concurrency, leaseMs } = this.#options
    while (!this.#closing.signal.aborted) {
      this.#nudge = new AbortController()
      let pauseMs = this.#options.pollMs
      try {
        const room = concurrency - this.#running.size
        const claimed = room > 0 ? await store.claim(worker, clock.now(), leaseMs, Math.min(room, 16)) : []
        for (const row of claimed) this.#begin(row)
        if (claimed.length > 0) continue
        const dueAt = room > 0 ? await store.nextDueAt() : undefined
        if (dueAt !== undefined) pauseMs = Math.max(1, Math.min(pauseMs, dueAt - clock.now()))
      } catch (error) {
        this.#report(error)
      }
      await this.#pause(pauseMs)
    }
  }

  async #heartbeatLoop(): Promise<void> {
    const { store, clock } = this.#parts
    const { worker, leaseMs } = this.#options
    while (!this.#closing.signal.aborted) {
      await clock.sleep(leaseMs / 3, this.#closing.signal).catch(() => {})
      if (this.#closing.signal.aborted || this.#running.size === 0) continue
      try {
        const ours = new Map((await store.renew(worker, clock.now(), leaseMs)).map((row) => [row.id, row]))
        for (const { row, run, lost } of this.#running.values()) {
          const seen = ours.get(row.id)
          if (seen?.fence === row.fence && seen.cancelRequested) run.requestCancel()
          if (seen && seen.fence !== row.fence) lost.abort()
        }
      } catch (error) {
        this.#report(error)
      }
    }
  }

  #begin(row: OperationRow): void {
    const definition = this.#definitions.get(row.kind)
    if (!definition) {
      // A newer version's kind, or another kit's: leave it to those who know it.
      void this.#parts.store.park(row, this.#parts.clock.now() + 10_000).catch((error: unknown) => this.#report(error))
      return
    }
    const lost = new AbortController()
    const signal = AbortSignal.any([this.#closing.signal, lost.signal])
    const run = new OperationRun(this.#parts, definition, row, signal)
    const ended = run
      .go()
      .catch((error: unknown) => this.#letGo(row, error))
      .finally(() => {
        this.#running.delete(row.id)
        this.nudge()
      })
    this.#running.set(row.id, { row, run, lost, ended })
  }

  /** The database failed us in the middle: give the claim back if it can be, otherwise it runs out by itself. */
  async #letGo(row: OperationRow, error: unknown): Promise<void> {
    if (error instanceof ClaimLost) return
    this.#report(error)
    await this.#parts.store.park(row, this.#parts.clock.now() + this.#options.pollMs).catch(() => {})
  }

  async #pause(ms: number): Promise<void> {
    const signal = AbortSignal.any([this.#nudge.signal, this.#closing.signal])
    await this.#parts.clock.sleep(ms, signal).catch(() => {})
  }

  #report(error: unknown): void {
    if (!this.#closing.signal.aborted) this.#options.onError(toVirtkitError(error))
  }
}
