import type { Call } from './call.ts'

export interface ConsoleOperations {
  /**
   * The last lines that the machine has written to its serial console, oldest first: at most 200, each without its line end.
   * Promises: changes nothing; empty for a machine that has written nothing; that of a machine that is off may be told too. What
   * guests write is theirs: it may hold anything. Throws `NOT_FOUND`.
   */
  tail(ref: string, call: Call): Promise<readonly string[]>
}
