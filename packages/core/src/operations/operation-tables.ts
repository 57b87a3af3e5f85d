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
    /** When it is due. Whoever is woken counts as due since its beginning: it goes before those that came later. */
    wakeAt: number
    /** What the clock showed when `wakeAt` was set. */
    parkedAt: number
    /** Who takes turns with whom: `12/3`, the cluster and the group, each empty when there is none. */
    queue: string
    leaseOwner: string | null
    /** Grows while the lease's owner lives. */
    beat: number
    /** Grows with each claim; a write of an older claim changes nothing. */
    fence: number
    trace: string
    /** JSON: who submitted it, and in which request. */
    actor: string | null
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
  operationTurns: {
    queue: string
    /** Grows with each turn that is taken: the queue with the lowest was served the longest ago. */
    turn: number
  }
}
