import type { Call, VirtkitError } from '@virtkit/spi'
import type { Queries } from '../database/database.ts'

export type JsonObject = { readonly [name: string]: unknown }

/** What a step is given. Everything in it survives a restart. */
export interface StepContext<Input, Outputs> {
  readonly operationId: string
  readonly input: Input
  /** What earlier steps found out, by their names. */
  readonly outputs: Outputs
  /** When this step was first begun, in milliseconds since the epoch; a restart does not change it. */
  readonly startedAt: number
  /** The attempt, from 1. */
  readonly attempt: number
  /** For calls of a driver: its signal aborts on cancellation, on closing and when another process has taken over. */
  readonly call: Call
}

/** The step is done. `commit` runs in the same transaction that records it: its writes happen exactly once. */
export interface Done<Output> {
  readonly output: Output
  readonly commit?: (queries: Queries) => Promise<void>
  /** What the next step would wait for: it is recorded and let go of at once, in one commit, without beginning the next step. */
  readonly next?: Wait
}

/** The step cannot go on yet: look again after `waitMs`, or when somebody wakes the operation. */
export interface Wait {
  readonly waitMs: number
  /** What is waited for, for people: `the guest to boot`. */
  readonly waitFor: string
}

/**
 * One step. It may be run again from its beginning after a crash, at any point and by another process, so everything that it
 * does outside of `commit` must be safe to repeat.
 */
export interface Step<Input, Outputs, Output> {
  /** Progress of the operation when this step is done, 0 to 100. */
  readonly percent: number
  run(context: StepContext<Input, Outputs>): Promise<Done<Output> | Wait>
  /** Undoes what the step did, or half did. It is safe to repeat as well. Left out: nothing to undo. */
  undo?(context: StepContext<Input, Partial<Outputs>>): Promise<{ commit?: (queries: Queries) => Promise<void> } | void>
  /** When the step must be done, in milliseconds since the epoch. Later it fails with `TIMEOUT`. */
  deadlineAt?(context: StepContext<Input, Outputs>): number
  /** False: from here on a request to cancel comes too late. Default true. */
  readonly cancellable?: boolean
  /** How often a failure that may pass (hypervisor or database not there, busy) is tried again. Default 8. */
  readonly retries?: number
}

export interface Ending<Input> {
  readonly operationId: string
  readonly input: Input
  readonly state: 'succeeded' | 'failed' | 'cancelled'
  readonly error?: VirtkitError
}

/** The erased form that the engine works with. */
export interface OperationDefinition {
  readonly kind: string
  readonly steps: readonly (Step<never, never, unknown> & { readonly name: string })[]
  readonly end: ((queries: Queries, ending: Ending<never>) => Promise<void | (() => void)>) | undefined
}

/** A description whose operations take this input. */
export interface OperationOf<Input> extends OperationDefinition {
  /** Never there: it carries the type. */
  readonly takes?: (input: Input) => void
}

/**
 * Describes a durable operation, step by step; each step sees the outputs of those before it.
 *
 * @example
 * ```ts
 * const greet = defineOperation<{ name: string }>('greet')
 *   .step('look-up', { percent: 50, run: async () => ({ output: { greeting: 'Hello' } }) })
 *   .step('say', { percent: 100, run: async ({ input, outputs }) => say(`${outputs['look-up'].greeting} ${input.name}`) })
 * ```
 */
export function defineOperation<Input>(kind: string): OperationBuilder<Input, Record<never, never>> {
  return new OperationBuilder<Input, Record<never, never>>(kind, [], undefined)
}

export class OperationBuilder<Input, Outputs> implements OperationOf<Input> {
  declare readonly takes?: (input: Input) => void
  readonly kind: string
  readonly steps: OperationDefinition['steps']
  readonly end: OperationDefinition['end']

  constructor(kind: string, steps: OperationDefinition['steps'], end: OperationDefinition['end']) {
    this.kind = kind
    this.steps = steps
    this.end = end
  }

  step<Name extends string, Output extends JsonObject>(
    name: Name,
    step: Step<Input, Outputs, Output>,
  ): OperationBuilder<Input, Outputs & Record<Name, Output>> {
    return new OperationBuilder(this.kind, [...this.steps, { ...(step as Step<never, never, unknown>), name }], this.end)
  }

  /** Runs in the transaction that ends the operation, whatever the end. What it answers is called after the commit. */
  ending(end: (queries: Queries, ending: Ending<Input>) => Promise<void | (() => void)>): OperationBuilder<Input, Outputs> {
    return new OperationBuilder<Input, Outputs>(this.kind, this.steps, end as OperationDefinition['end'])
  }
}
