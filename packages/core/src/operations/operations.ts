import type { VirtkitError } from '@virtkit/spi'
import type { By } from '../access/actor.ts'
import type { Queries } from '../database/database.ts'
import type { EventPage } from '../events/events.ts'
import type { OperationDefinition, OperationOf } from './operation-definition.ts'

/**
 * Durable units of work. Once accepted, an operation reaches an end, whatever dies on the way: any process that works on the
 * same database takes it over.
 */
export interface Operations {
  /** Throws `NOT_FOUND`. */
  get(id: string, by?: By): Promise<Operation>
  /** Newest first. `limit` is 100 unless given, at most 1000. */
  list(filter?: OperationFilter, by?: By): Promise<readonly Operation[]>
  /** What happened so far, step by step. */
  steps(id: string, by?: By): Promise<readonly OperationStep[]>
  /**
   * Asks it to stop and to undo what it did. Promises: an operation that has ended, or is past the point where it can stop, is
   * not changed; look at what comes back.
   */
  cancel(id: string, by?: By): Promise<Operation>
  /** Waits for the end and answers it, whatever it is. Throws the signal's reason when it aborts; the operation goes on. */
  wait(id: string, options?: { signal?: AbortSignal }, by?: By): Promise<Operation>
  /**
   * Tells the events of an operation after a position, from its acceptance when none is given, and each further one until it has
   * ended. Promises as `events.follow`; of an operation that has ended, what is left to tell, and then it ends at once.
   */
  follow(id: string, options?: { after?: number; signal?: AbortSignal }, by?: By): Promise<AsyncGenerator<EventPage, void>>

  /**
   * Accepts work in the caller's transaction; it starts after the commit. Promises: the same key answers the operation that the
   * first call made. Throws `CONFLICT` when another operation of the subject is under way, or the key stands for something else.
   */
  submit<Input>(queries: Queries, definition: OperationOf<Input>, request: OperationRequest<Input>): Promise<Submitted>
  /** Throws `CONFLICT` while an operation of the subject is under way, as the caller's transaction sees it. */
  requireIdle(queries: Queries, subject: string): Promise<void>
  /** Has a waiting operation look again, after the caller's commit. */
  wake(queries: Queries, id: string): Promise<void>
  /** Makes a kind of operation known to the workers. */
  register(definition: OperationDefinition): void
}

export interface OperationRequest<Input> {
  readonly input: Input
  /** `machine/12`. */
  readonly subject: string
  readonly key?: string
  /** Whether what the key stands for is the same request. Default: it is when its input is equal. */
  readonly isSame?: (input: Input) => boolean
  readonly group?: number
  readonly cluster?: number
}

export interface Submitted extends Operation {
  /** False: the key was known, and what goes with the request was done then; the operation may have ended. */
  readonly isNew: boolean
}

export interface OperationFilter {
  readonly subject?: string
  readonly ended?: boolean
  readonly limit?: number
}

export interface Operation {
  readonly id: string
  /** `install-machine`, `delete-machine`, … */
  readonly kind: string
  readonly subject: string
  /** `undoing`: it failed or was cancelled, and takes back what it did. */
  readonly state: 'pending' | 'running' | 'undoing' | 'succeeded' | 'failed' | 'cancelled'
  /** The step that is next or under way. */
  readonly step?: string
  /** 0 to 100; it never goes back. */
  readonly percent: number
  /** For people. */
  readonly text?: string
  /** Why it failed, or is being undone. */
  readonly error?: VirtkitError
  /** W3C `traceparent`. */
  readonly trace: string
  readonly group?: number
  readonly cluster?: number
  readonly createdAt: number
  readonly endedAt?: number
}

export interface OperationStep {
  readonly name: string
  readonly result: 'done' | 'undone' | 'undo-failed'
  readonly attempts: number
  readonly startedAt: number
  readonly endedAt: number
}
