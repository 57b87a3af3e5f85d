import type { By } from '../access/actor.ts'
import type { Queries } from '../database/database.ts'

/**
 * A limit on the machines of all groups together, from a signed document. Off, and said so, unless the host hands in
 * `licensing: { publicKey }`; with a key and without a valid document nothing new comes to paper, and what is there stays.
 */
export interface Licensing {
  /**
   * Takes a document over; the one before it is forgotten. Promises: again, no effect. A limit below what is there is allowed:
   * it blocks growth only. Throws `INVALID_INPUT` for what the key did not sign or what has expired, `UNSUPPORTED` when licensing
   * is off.
   *
   * @example
   * ```ts
   * const { license, used } = await kit.license.install(await readFile('customer.license', 'utf8'))
   * ```
   */
  install(document: string, by?: By): Promise<LicenseStatus>
  get(by?: By): Promise<LicenseStatus>
  /** Forgets the document. Promises: again, no effect. */
  remove(by?: By): Promise<void>

  /**
   * Makes sure, in the caller's transaction, that there is room for one machine more; the caller then writes its row. Promises:
   * exact, whoever else does the same. Throws `LICENSE_EXCEEDED` with limit and used.
   */
  claim(queries: Queries): Promise<void>
}

export interface LicenseStatus {
  /** `off`: no public key was configured, and nothing is limited. `missing` and `expired`: nothing new comes to paper. */
  readonly state: 'off' | 'missing' | 'expired' | 'valid'
  readonly license?: License
  /** How many machines there may be; left out when licensing is off. */
  readonly limit?: number
  /** Machines on paper, of all groups. */
  readonly used: number
}

export interface License {
  readonly document: string
  readonly customerId: string
  /** Machines of all groups together. */
  readonly virtualMachines: number
  /** Milliseconds since the epoch, as everywhere. */
  readonly issuedAt: number
  readonly expiresAt: number
}
