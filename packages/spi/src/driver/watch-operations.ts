import type { Call } from './call.ts'

export interface WatchOperations {
  /**
   * Changes of machines as they happen, beginning after `since` or, without it, now. Ends when the signal aborts or the loop
   * is left.
   *
   * Promises: every change is delivered at least once, in order per machine; the cursor of a delivered change resumes after it;
   * a cursor that is too old throws `CONFLICT`, after which the caller reads the whole inventory.
   */
  changes(options: { since?: string }, call: Call): AsyncIterable<MachineEvent>
}

export interface MachineEvent {
  readonly kind: 'appeared' | 'changed' | 'vanished'
  readonly ref: string
  readonly cursor: string
}
