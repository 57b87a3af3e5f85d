import type { Call } from './call.ts'

export interface GuestOperations {
  /**
   * The addresses that the running guest has, as the hypervisor learns them, without loopback and link-local ones.
   * Promises: empty while the machine is off or its guest says nothing. Throws `NOT_FOUND`.
   */
  addresses(ref: string, call: Call): Promise<readonly string[]>
}
