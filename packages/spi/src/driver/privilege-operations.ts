import type { Call } from './call.ts'

export interface PrivilegeOperations {
  /** What the credentials lack, in the vendor's own words. Promises: an empty list means that every facet can do its work. */
  missing(call: Call): Promise<readonly MissingPrivilege[]>
}

export interface MissingPrivilege {
  /** Our words: `machines.create`. */
  readonly operation: string
  /** The vendor's words: `VM.Allocate`. */
  readonly privilege: string
  readonly path: string
}
