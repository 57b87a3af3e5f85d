export interface OperationTables {
  operations: {
    id: string
    kind: string
    /** What it is about: `machine/12`. At most one operation of a subject is under way. */
    subject: string
    /** The caller's idempotency key. */
    key: string | null
    /** JSON; never a secret. */
    input: string
    /** JSON object: what each finished step found out. */
    outputs: string
    state: 'pending' | 'running' | 'undoing' | 'succeeded' | 'failed' | 'cancelled'
    /** Index of the step that is next or under way. */
    step: number
    stepStartedAt: number | null
    attempts: number
    percent: number
    text: string | null
    /** JSON of a VirtkitError. */
    error: string | null
    cancelRequested: number
    wakeAt: number
    leaseOwner: string | null
    leaseUntil: number | null
    /** Grows with each claim; a write of an older claim changes nothing. */
    fence: number
    trace: string
    /** Whose it is, for scoping. */
    groupKey: number | null
    clusterKey: number | null
    createdAt: number
    endedAt: number | null
  }
  operationSteps: {
    operationId: string
    step: number
    name: string
    result: 'done' | 'undone' | 'undo-failed'
    attempts: number
    startedAt: number
    endedAt: number
  }
}
