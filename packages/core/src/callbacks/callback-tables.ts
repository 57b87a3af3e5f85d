import type { Generated } from 'kysely'

export interface CallbackTables {
  callbacks: {
    key: Generated<number>
    successUrl: string
    errorUrl: string
    startUrl: string | null
    deleteUrl: string | null
    notes: string
    /** Sealed signing secret. */
    secret: string
    /** The one before, sealed, which signs as well until then; both null when there is none. */
    formerSecret: string | null
    formerUntil: number | null
  }
  callbackDeliveries: {
    /** Grows: the order in which they were stored. */
    key: Generated<number>
    /** Also the `webhook-id`. */
    id: string
    callbackKey: number
    /** Deliveries of one callback about one subject are made in order: `machine/12`. */
    subject: string
    url: string
    body: string
    state: 'due' | 'delivered' | 'dead'
    /** Begun so far. A sender that has been overtaken by another recognises it by this. */
    attempts: number
    /** While one is under way: when another sender may take it for lost. */
    dueAt: number
    createdAt: number
    /** Why the last attempt failed. */
    problem: string | null
    /** JSON array of attempts, oldest first. */
    history: Generated<string>
    /** When it was delivered or given up. */
    endedAt: number | null
  }
}
