import type { Call, OwnedMachine } from './call.ts'
import type { PowerState } from './machine-operations.ts'

export interface PowerOperations {
  /** Throws `NOT_FOUND`. */
  read(ref: string, call: Call): Promise<PowerState>
  /** Promises: on a running machine, no effect. Throws `HOST_RESOURCES`, `NOT_OURS`, `NOT_FOUND`. */
  on(machine: OwnedMachine, call: Call): Promise<void>
  /** Pulls the plug. Promises: on a stopped machine, no effect. Throws `NOT_OURS`, `NOT_FOUND`. */
  off(machine: OwnedMachine, call: Call): Promise<void>
  /**
   * Asks the guest to shut down, and waits.
   * Promises: ends at the latest a second after `timeoutMs`; when the guest has not obeyed by then, `fallback: 'off'` pulls the
   * plug and answers `forced-off`, `fallback: 'none'` throws `TIMEOUT` and the machine still runs. A stopped machine answers
   * `shut-down`.
   */
  shutdown(
    machine: OwnedMachine,
    options: { timeoutMs: number; fallback: 'off' | 'none' },
    call: Call,
  ): Promise<'shut-down' | 'forced-off'>
}
