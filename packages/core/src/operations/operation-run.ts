import { type Call, type Clock, type VirtkitError, toVirtkitError } from '@virtkit/spi'
import type { Events } from '../events/events.ts'
import { type LogMessage, errorFields } from '../logs/log-rules.ts'
import type { Log } from '../logs/logs.ts'
import type { Queries } from '../database/database.ts'
import type { Measure, OpenSpan, Telemetry } from '../telemetry/telemetry.ts'
import type { Done, OperationDefinition, StepContext, Wait } from './operation-definition.ts'
import type { OperationHold } from './operation-hold.ts'
import { cancelled, isOutage, mayPass, parseStoredError, retryDelayMs, timedOut, unknownStep } from './operation-rules.ts'
import { ClaimLost, type OperationRow, type OperationStore, storedError } from './operation-store.ts'

type Context = StepContext<never, never>

const defaultRetries = 8
const undoRetries = 10
/** Some eight minutes, in which a process of the version that began it comes by: only then is it nobody's. */
const unknownRetries = 20

/** As Prometheus has it. */
const operationDuration = [
  'virtkit.operation.duration',
  {
    description: 'How long operations took from being accepted to their end.',
    unit: 's',
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 600, 1200, 2400, 3600, 86_400],
  },
] as const

/** One worker's time with one claimed operation: it goes on until the operation ends, has to wait, or the signal aborts. */
export class OperationRun {
  readonly #store: OperationStore
  readonly #events: Events
  readonly #clock: Clock
  readonly #log: Log
  readonly #telemetry: Telemetry
  readonly #lasted: Measure
  readonly #definition: OperationDefinition
  readonly #hold: OperationHold
  readonly #cancel = new AbortController()
  #row: OperationRow
  /** How long the operation waits for a process that knows its next step, which ours does not. */
  leftForMs: number | undefined
  /** What the definition's ending wants done after the commit. */
  #afterEnd: (() => void) | undefined

  constructor(
    parts: { store: OperationStore; events: Events; clock: Clock; log: Log; telemetry: Telemetry },
    definition: OperationDefinition,
    row: OperationRow,
    hold: OperationHold,
  ) {
    this.#store = parts.store
    this.#events = parts.events
    this.#clock = parts.clock
    this.#log = parts.log
    this.#telemetry = parts.telemetry
    this.#lasted = parts.telemetry.instrument('histogram', ...operationDuration)
    this.#definition = definition
    this.#row = row
    this.#hold = hold
  }

  /** Throws `ClaimLost` when another worker has taken over, and whatever the database throws. */
  async go(): Promise<void> {
    let goesOn = true
    while (goesOn && !this.#hold.signal.aborted) {
      goesOn = this.#row.state === 'undoing' ? await this.#undoNext() : await this.#runNext()
    }
  }

  async #runNext(): Promise<boolean> {
    const step = this.#definition.steps[this.#row.step]
    if (!step && this.#row.attempts < unknownRetries) return this.#leaveToNewer()
    if (!step) return this.#startUndo(unknownStep(this.#row.step))
    const cancellable = step.cancellable !== false
    if (this.#isCancelled() && cancellable) return this.#startUndo(cancelled())

    const context = this.#context(cancellable ? AbortSignal.any([this.#hold.signal, this.#cancel.signal]) : undefined)
    let deadline: number | undefined
    try {
      deadline = step.deadlineAt?.(context)
      if (deadline !== undefined && this.#clock.now() > deadline) {
        throw timedOut(this.#row.text ?? step.name, deadline - this.#row.createdAt)
      }
      const result = await this.#traced(step.name, context, async (traced, span) => {
        const done = await step.run(traced)
        if ('waitMs' in done) span.label({ 'virtkit.step.waits': true })
        return done
      })
      if ('waitMs' in result) {
        await this.#store.park(this.#row, this.#wakeAt(result, deadline), { text: result.waitFor, attempts: 0 })
        return false
      }
      return await this.#advance(step, result)
    } catch (cause) {
      if (cause instanceof ClaimLost) throw cause
      if (this.#hold.signal.aborted) return false
      const error = toVirtkitError(cause)
      // The step may well be recorded as done. Whoever takes it up reads how far it came, and goes on from there.
      if (isOutage(error)) throw error
      return this.#failed(
        cancellable && this.#isCancelled() ? cancelled() : error,
        step.retries ?? defaultRetries,
        deadline,
      )
    }
  }

  /** Begun by a version that has more steps than ours: one of its processes goes on with it. */
  async #leaveToNewer(): Promise<false> {
    const attempts = this.#row.attempts + 1
    const waitMs = retryDelayMs(unknownStep(this.#row.step), attempts)
    const text = 'a process of the version that began it'
    await this.#store.park(this.#row, this.#clock.now() + waitMs, { attempts, text })
    this.leftForMs = waitMs
    return false
  }

  #isCancelled(): boolean {
    return this.#cancel.signal.aborted || this.#row.cancelRequested === 1
  }

  async #advance(step: { name: string; percent: number }, result: Done<unknown>): Promise<boolean> {
    const now = this.#clock.now()
    const claim = this.#row
    const outputs = JSON.stringify({ ...JSON.parse(claim.outputs), [step.name]: result.output })
    const percent = Math.max(claim.percent, step.percent)
    const isLast = claim.step + 1 === this.#definition.steps.length
    const text = result.next?.waitFor ?? null
    const change = { step: claim.step + 1, outputs, percent, text, attempts: 0, stepStartedAt: now }
    const letGo =
      result.next && !isLast ? { wakeAt: this.#wakeAt(result.next, this.#deadlineOf({ ...claim, ...change })) } : undefined
    this.#row = await this.#store.write(
      claim,
      isLast ? { ...change, ...ended('succeeded', now) } : change,
      async (queries) => {
        await result.commit?.(queries)
        await this.#store.recordStep(queries, claim, { step: claim.step, name: step.name, result: 'done', endedAt: now })
        await this.#tell(queries, 'progressed', { step: step.name, percent })
        if (isLast) await this.#tellEnd(queries, 'succeeded')
      },
      letGo,
    )
    if (isLast) this.#trace('succeeded')
    return !isLast && letGo === undefined
  }

  /** A wait ends with the step's deadline at the latest. */
  #wakeAt({ waitMs }: Wait, deadline: number | undefined): number {
    return Math.min(this.#clock.now() + waitMs, (deadline ?? Number.MAX_SAFE_INTEGER) + 1)
  }

  #deadlineOf(row: OperationRow): number | undefined {
    return this.#definition.steps[row.step]?.deadlineAt?.(this.#context(undefined, row))
  }

  /** Tries again, or turns round. */
  async #failed(error: VirtkitError, retries: number, deadline: number | undefined): Promise<boolean> {
    this.#logFailure('step failed', error)
    const now = this.#clock.now()
    if (mayPass(error) && this.#row.attempts < retries && (deadline === undefined || now < deadline)) {
      const wakeAt = now + retryDelayMs(error, this.#row.attempts + 1)
      await this.#store.park(this.#row, wakeAt, {
        attempts: this.#row.attempts + 1,
        text: `${error.message} Trying again.`,
      })
      return false
    }
    return this.#startUndo(error)
  }

  async #startUndo(error: VirtkitError): Promise<boolean> {
    const change = {
      state: 'undoing' as const,
      error: storedError(error),
      text: null,
      attempts: 0,
      stepStartedAt: this.#clock.now(),
    }
    this.#row = await this.#store.write(this.#row, change, (queries) =>
      this.#tell(queries, 'undoing', { code: error.code, message: error.message }),
    )
    return true
  }

  /** Undoes the step that failed half-way first, then each before it. */
  async #undoNext(): Promise<boolean> {
    if (this.#row.step < 0) {
      await this.#endUndone()
      return false
    }
    const step = this.#definition.steps[this.#row.step]
    if (!step && this.#row.attempts < unknownRetries) return this.#leaveToNewer()
    const claim = this.#row
    let result: 'undone' | 'undo-failed' = step ? 'undone' : 'undo-failed'
    let commit: ((queries: Queries) => Promise<void>) | undefined
    try {
      const undo = step?.undo?.bind(step)
      if (undo) {
        const traced = this.#traced(`undo ${step!.name}`, this.#context(), (context) => undo(context))
        commit = (await traced)?.commit
      }
    } catch (cause) {
      if (this.#hold.signal.aborted) return false
      const error = toVirtkitError(cause)
      if (isOutage(error)) throw error
      this.#logFailure('undoing a step failed', error)
      if (mayPass(error) && claim.attempts < undoRetries) {
        await this.#store.park(claim, this.#clock.now() + retryDelayMs(error, claim.attempts + 1), {
          attempts: claim.attempts + 1,
        })
        return false
      }
      result = 'undo-failed'
    }
    const now = this.#clock.now()
    const change = { step: claim.step - 1, attempts: 0, stepStartedAt: now }
    this.#row = await this.#store.write(claim, change, async (queries) => {
      await commit?.(queries)
      const name = step?.name ?? `step ${claim.step + 1}`
      await this.#store.recordStep(queries, claim, { step: claim.step, name, result, endedAt: now })
      if (result === 'undo-failed') await this.#tell(queries, 'left-behind', { step: name })
    })
    return true
  }

  /** However often the definition's own ending fails, the operation ends. */
  async #endUndone(): Promise<void> {
    const claim = this.#row
    const error = parseStoredError(claim.error!)
    const state = error.code === 'CANCELLED' ? 'cancelled' : 'failed'
    const change = ended(state, this.#clock.now())
    try {
      await this.#store.write(claim, change, (queries) => this.#tellEnd(queries, state, error))
      this.#trace(state, error.code)
    } catch (cause) {
      if (cause instanceof ClaimLost) throw cause
      const problem = toVirtkitError(cause)
      if (isOutage(problem)) throw problem
      const attempts = claim.attempts + 1
      if (attempts <= undoRetries) {
        return this.#store.park(claim, this.#clock.now() + retryDelayMs(problem, attempts), { attempts })
      }
      await this.#store.write(claim, change, async (queries) => {
        await this.#tell(queries, 'left-behind', { step: 'ending' })
        await this.#tell(queries, state, this.#ending(error))
      })
      this.#trace(state, error.code)
    }
  }

  async #tellEnd(queries: Queries, state: EndState, error?: VirtkitError): Promise<void> {
    const input = JSON.parse(this.#row.input) as never
    const ending = { operationId: this.#row.id, input, state, ...(error ? { error } : {}) }
    this.#afterEnd = (await this.#definition.end?.(queries, ending)) ?? undefined
    await this.#tell(queries, state, this.#ending(error))
  }

  /** What is done in a step, in a span of its own; drivers are told of that. */
  #traced<T>(name: string, context: Context, work: (context: Context, span: OpenSpan) => Promise<T>): Promise<T> {
    const { trace, attempts } = this.#row
    const about = {
      kind: 'consumer',
      parent: trace,
      labels: { ...this.#labels(), 'virtkit.attempt': attempts + 1 },
    } as const
    return this.#telemetry.span(`${this.#row.kind} ${name}`, about, (own = trace, span) =>
      work({ ...context, call: judged(() => context.call.signal, own) }, span),
    )
  }

  /** All of it, from being accepted to its end, told once: by whoever ended it. */
  #trace(state: EndState, code?: string): void {
    const { kind, createdAt, trace } = this.#row
    const now = this.#clock.now()
    this.#lasted((now - createdAt) / 1000, { kind, state })
    const labels = { ...this.#labels(), 'virtkit.operation.state': state }
    const times = { from: createdAt, to: now }
    this.#telemetry.note(kind, { parent: trace, labels, ...times, ...(state === 'failed' && code && { failed: code }) })
    const later = this.#afterEnd
    this.#afterEnd = undefined
    later?.()
  }

  #labels(): Record<string, string> {
    const { id, kind, subject } = this.#row
    return { 'virtkit.operation': id, 'virtkit.operation.kind': kind, 'virtkit.subject': subject }
  }

  /** With a signal that aborts when what we hold is lost, or with that of the hold. */
  #context(signal?: AbortSignal, row: OperationRow = this.#row): Context {
    const judge = (): AbortSignal => {
      const held = this.#hold.signal
      return signal ?? held
    }
    return {
      operationId: row.id,
      input: JSON.parse(row.input) as never,
      outputs: JSON.parse(row.outputs) as never,
      startedAt: row.stepStartedAt ?? this.#clock.now(),
      attempt: row.attempts + 1,
      call: judged(judge, row.trace),
    }
  }

  /** Somebody has asked to cancel; a step that may be cancelled is ended in its middle. */
  requestCancel(): void {
    this.#cancel.abort(cancelled())
  }

  #logFailure(message: LogMessage, error: VirtkitError): void {
    const { id, kind, subject, step, attempts } = this.#row
    const about = { operation: id, kind, subject, step: this.#definition.steps[step]?.name, attempt: attempts + 1 }
    this.#log.write('core', error.code === 'CANCELLED' ? 'info' : 'warning', message, { ...about, ...errorFields(error) })
  }

  /** How long it took, and why it ended so. */
  #ending(error?: VirtkitError): Record<string, unknown> {
    const durationMs = this.#clock.now() - this.#row.createdAt
    return { durationMs, ...(error && { code: error.code, message: error.message }) }
  }

  #tell(queries: Queries, what: string, data: Record<string, unknown>): Promise<void> {
    const { id, kind, subject, groupKey } = this.#row
    const whose = { subject, ...(groupKey === null ? {} : { group: groupKey }) }
    return this.#events.append(queries, { type: `operation.${what}`, ...whose, data: { operation: id, kind, ...data } })
  }
}

/** The signal is judged whenever a call is about to be made with it. */
function judged(signal: () => AbortSignal, trace: string): Call {
  return {
    get signal() {
      return signal()
    },
    trace,
  }
}

type EndState = 'succeeded' | 'failed' | 'cancelled'

function ended(state: EndState, endedAt: number): Partial<OperationRow> {
  return {
    state,
    endedAt,
    leaseOwner: null,
    text: null,
    ...(state === 'succeeded' ? { percent: 100 } : {}),
  }
}
