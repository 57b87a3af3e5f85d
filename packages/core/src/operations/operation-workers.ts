import { type Clock, type VirtkitError, toVirtkitError } from '@virtkit/spi'
import { type Acting, actingAs, system } from '../access/acting.ts'
import type { Events } from '../events/events.ts'
import type { Log } from '../logs/logs.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { type Lease, LeaseWatch, looksPerLease } from './lease-watch.ts'
import type { OperationClaims } from './operation-claims.ts'
import type { OperationDefinition } from './operation-definition.ts'
import { OperationRun } from './operation-run.ts'
import { OperationHold } from './operation-hold.ts'
import { ClaimLost, type OperationRow, type OperationStore } from './operation-store.ts'

export interface WorkerParts {
  readonly store: OperationStore
  readonly claims: OperationClaims
  readonly events: Events
  readonly clock: Clock
  readonly log: Log
  readonly telemetry: Telemetry
}

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
  readonly hold: OperationHold
  ended: Promise<void>
}

const claimAtOnce = 16
const ticksPerBeat = 3
const ticksPerPutRight = 30
/** So long others alone may take what was due and its next step unknown here. */
const precedenceMs = 10_000

/**
 * Claims operations and works on them, side by side, until it is disposed; then it ends what is under way within the step's
 * own time to abort, and gives it back.
 */
export class OperationWorkers implements AsyncDisposable {
  readonly #parts: WorkerParts
  readonly #definitions: ReadonlyMap<string, OperationDefinition>
  readonly #options: WorkerOptions
  readonly #closing = new AbortController()
  /** Aborts when all runs have ended; until then we go on saying that we live. */
  readonly #ended = new AbortController()
  readonly #running = new Map<string, Running>()
  readonly #watch = new LeaseWatch()
  /** Operations that others are to take before us, and until when by the steady clock. */
  readonly #leftToOthers = new Map<string, number>()
  #dead: Lease[] = []
  #ticksSinceBeat = 0
  #nudge = new AbortController()
  #claiming: Promise<void> | undefined
  #ticking: Promise<void> | undefined
  #signs: Promise<void> | undefined

  constructor(parts: WorkerParts, definitions: ReadonlyMap<string, OperationDefinition>, options: WorkerOptions) {
    this.#parts = parts
    this.#definitions = definitions
    this.#options = options
  }

  start(): void {
    this.#claiming ??= this.#claimLoop()
    this.#ticking ??= this.#tickLoop()
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
    await this.#claiming
    await Promise.all([...this.#running.values()].map((each) => each.ended))
    this.#ended.abort()
    await this.#ticking
    if (this.#claiming) await this.#parts.store.abandon(this.#options.worker, this.#parts.clock.now()).catch(() => {})
  }

  async #claimLoop(): Promise<void> {
    const { clock } = this.#parts
    while (!this.#closing.signal.aborted) {
      this.#nudge = new AbortController()
      let pauseMs = this.#options.pollMs
      try {
        const now = clock.now()
        const askedAt = clock.steady()
        const { rows, nextAt } = await this.#claim(now)
        for (const row of rows) this.#begin(row, askedAt)
        if (rows.length > 0) continue
        if (nextAt !== undefined) pauseMs = Math.max(1, Math.min(pauseMs, nextAt - now))
      } catch (error) {
        this.#report(error)
      }
      await this.#pause(pauseMs)
    }
  }

  async #claim(now: number): ReturnType<OperationClaims['claim']> {
    const { worker, concurrency } = this.#options
    const room = Math.min(concurrency - this.#running.size, claimAtOnce)
    const kinds = [...this.#definitions.keys()]
    if (room <= 0 || kinds.length === 0) return { rows: [], nextAt: undefined }
    // Those that it finds alive after all are none of our business; those that it does not get to are found dead again.
    const dead = this.#dead.splice(0, room).filter(({ id }) => !this.#running.has(id))
    const steady = this.#parts.clock.steady()
    for (const [id, until] of this.#leftToOthers) if (until <= steady) this.#leftToOthers.delete(id)
    return this.#parts.claims.claim({ worker, now, room, kinds, dead, except: [...this.#leftToOthers.keys()] })
  }

  /** Ticks whatever the database does; what it is asked each time may take longer. */
  async #tickLoop(): Promise<void> {
    const { clock } = this.#parts
    for (let tick = 1; ; tick += 1) {
      await clock.sleep(this.#options.leaseMs / looksPerLease, this.#ended.signal).catch(() => {})
      if (this.#ended.signal.aborted) break
      this.#ticksSinceBeat = this.#running.size === 0 ? 0 : this.#ticksSinceBeat + 1
      for (const { hold } of this.#running.values()) hold.judge()
      this.#signs ??= this.#exchangeSigns(tick)
        .catch((error: unknown) => this.#report(error))
        .finally(() => (this.#signs = undefined))
    }
    await this.#signs
  }

  async #exchangeSigns(tick: number): Promise<void> {
    const { store, clock } = this.#parts
    if (this.#ticksSinceBeat >= ticksPerBeat) await this.#beat()
    if (this.#closing.signal.aborted) return
    const leases = await store.leases()
    // Leases in our name that we know nothing of, because an answer was lost, die like any other's.
    this.#dead = this.#watch.look(leases.filter(({ id }) => !this.#running.has(id)))
    if (this.#dead.length > 0) this.nudge()
    if (tick % ticksPerPutRight === 0) await store.putRight(clock.now())
  }

  async #beat(): Promise<void> {
    // Those of now: what is claimed while we ask is not missing from the answer.
    const asked = [...this.#running.values()].filter(({ hold }) => !hold.isLost)
    const askedAt = this.#parts.clock.steady()
    const ids = asked.map(({ row }) => row.id)
    const rows = ids.length > 0 ? await this.#parts.store.renew(this.#options.worker, ids) : []
    this.#ticksSinceBeat = 0
    const ours = new Map(rows.map((row) => [row.id, row]))
    for (const { row, run, hold } of asked) {
      const seen = ours.get(row.id)
      if (seen?.fence !== row.fence) hold.lose()
      else {
        hold.heard(askedAt)
        if (seen.cancelRequested) run.requestCancel()
      }
    }
  }

  #begin(row: OperationRow, askedAt: number): void {
    const hold = new OperationHold(this.#parts.clock, this.#options.leaseMs, askedAt, this.#closing.signal)
    // Only kinds that we know are claimed.
    const run = new OperationRun(this.#parts, this.#definitions.get(row.kind)!, row, hold)
    const running: Running = { row, run, hold, ended: Promise.resolve() }
    this.#running.set(row.id, running)
    // What it does, its caller does, in whichever process.
    const by = row.actor === null ? undefined : (JSON.parse(row.actor) as Acting)
    running.ended = actingAs(by ?? system, () => run.go())
      .catch((error: unknown) => this.#letGo(row, error))
      .finally(() => {
        this.#running.delete(row.id)
        const { leftForMs } = run
        if (leftForMs !== undefined) this.#leftToOthers.set(row.id, this.#parts.clock.steady() + leftForMs + precedenceMs)
        this.nudge()
      })
  }

  /** The database failed us in the middle: give the claim back if it can be, otherwise it dies by itself. */
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
