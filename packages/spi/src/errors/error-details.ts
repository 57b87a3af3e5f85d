/**
 * The closed list of things that can go wrong, and what each one tells a program.
 *
 * The keys are the codes; the values are the shapes of `error.details`. Adding a code here makes the compiler ask for
 * everything that must know about it (HTTP status, documentation).
 */
export interface ErrorDetails {
  /** What was handed in is wrong; every problem is listed, not the first only. */
  INVALID_INPUT: { problems: readonly InputProblem[] }
  /** The thing does not exist, or the caller may not see it: the two are not told apart. */
  NOT_FOUND: { what: string; id: string }
  /** The machine on the hypervisor does not carry our mark, or carries another's. */
  NOT_OURS: { ref: string }
  /** It clashes with what is there: a name in use, a wrong state, a version that has moved on. */
  CONFLICT: { field?: string; with?: string }
  /** This driver, hypervisor or configuration cannot do it; trying again will not help. */
  UNSUPPORTED: { feature: string }
  /** Nobody knows who asks: no token, a wrong or old one. After too many failures nobody is heard for a while, right or wrong. */
  UNAUTHENTICATED: { retryAfterMs?: number }
  /** Known, but not allowed: our permission, or what the hypervisor's credentials lack. */
  FORBIDDEN: { permission?: string; missing?: readonly { privilege: string; path: string }[] }
  /** A group’s limit blocks it. Every dimension that blocks is named. Memory and disk are MiB. */
  CONTINGENT_EXCEEDED: { group: number; blocking: readonly BlockingDimension[] }
  /** The licence admits no further machine. */
  LICENSE_EXCEEDED: { limit: number; used: number; asked: number }
  /** No address of the range is free. */
  ADDRESS_POOL_EXHAUSTED: { network: string; range: string }
  /** Somebody else has the address that was asked for. */
  ADDRESS_TAKEN: { network: string; address: string }
  /** The disks do not fit. */
  DATASTORE_FULL: { datastore: string; freeMiB: number; askedMiB: number }
  /** The host lacks memory or processors for it. */
  HOST_RESOURCES: { host: string; resource: string; free: number; asked: number }
  /** No connection, or it broke. Look at `outcome` before doing it again. */
  HYPERVISOR_UNAVAILABLE: { endpoint?: string }
  /** It asks us to come back later: a lock, a task limit. */
  HYPERVISOR_BUSY: { retryAfterMs?: number }
  /** It understood, and said no. */
  HYPERVISOR_REFUSED: { reason: string }
  /** It took longer than it may. */
  TIMEOUT: { waitedFor: string; timeoutMs: number }
  /** Somebody ended it: a signal, a cancelled operation, a session that was closed. */
  CANCELLED: Record<string, never>
  /** The installer, or the machine on its way there, failed; `reason` is in its words. */
  INSTALL_FAILED: { phase: string; reason: string }
  /** The database does not answer, or no longer does. */
  DATABASE_UNAVAILABLE: { engine: string; reason: 'locked' | 'unreachable' | 'refused' | 'corrupt' | 'closed' }
  /** The database was written by a newer version; it is refused, never migrated down. */
  SCHEMA_TOO_NEW: { found: string; known: string }
  /** An optional package is needed and is not installed. */
  PEER_MISSING: { package: string; install: string }
  /** Our mistake. */
  INTERNAL: Record<string, never>
}

export interface InputProblem {
  /** The path of the field as the caller wrote it: `networks[0].cidr`. */
  readonly field: string
  readonly problem: string
  /** What to write instead, when that is known. */
  readonly hint?: string
}

export interface BlockingDimension {
  readonly dimension: 'vm' | 'cpu' | 'memory' | 'disk'
  readonly limit: number
  readonly used: number
  readonly reserved: number
  readonly asked: number
}

export type ErrorCode = keyof ErrorDetails

// A record, so that the compiler asks for a code that is missing here.
const codes: Record<ErrorCode, true> = {
  INVALID_INPUT: true,
  NOT_FOUND: true,
  NOT_OURS: true,
  CONFLICT: true,
  UNSUPPORTED: true,
  UNAUTHENTICATED: true,
  FORBIDDEN: true,
  CONTINGENT_EXCEEDED: true,
  LICENSE_EXCEEDED: true,
  ADDRESS_POOL_EXHAUSTED: true,
  ADDRESS_TAKEN: true,
  DATASTORE_FULL: true,
  HOST_RESOURCES: true,
  HYPERVISOR_UNAVAILABLE: true,
  HYPERVISOR_BUSY: true,
  HYPERVISOR_REFUSED: true,
  TIMEOUT: true,
  CANCELLED: true,
  INSTALL_FAILED: true,
  DATABASE_UNAVAILABLE: true,
  SCHEMA_TOO_NEW: true,
  PEER_MISSING: true,
  INTERNAL: true,
}

/** True for a code of the list. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(codes, value)
}

/**
 * Whether the thing that was asked for may have happened all the same.
 *
 * `unknown` means: the request left us and no answer came back. Doing it again blindly may do it twice; find out first.
 */
export type Outcome = 'did-not-happen' | 'unknown'
