/** How far a long call has come. */
export interface Progress {
  /** 0 to 100; it never goes back within one call. */
  readonly percent: number
  /** A few words for a person: `copying disk`. */
  readonly text?: string
}

/** What accompanies every call to a hypervisor. */
export interface Call {
  /** When it aborts, the call ends within a second with `CANCELLED` and an `outcome` that is true to the facts. */
  readonly signal: AbortSignal
  /** W3C `traceparent` of the operation that this call is part of. */
  readonly trace?: string
  onProgress?(progress: Progress): void
}

/** A call that may be repeated: the same key means the same thing, for ever and from any process. */
export interface KeyedCall extends Call {
  /** At most 80 characters of `A-Z a-z 0-9 . _ : -`. */
  readonly key: string
}

/**
 * A machine of ours, named so that the hypervisor side can check that it is ours: nothing is destroyed, powered,
 * reconfigured or reverted unless the machine at `ref` carries the mark `key`. Otherwise the call ends with `NOT_OURS`.
 */
export interface OwnedMachine {
  readonly ref: string
  readonly key: string
}
