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
  }
  callbackDeliveries: {
    /** Also the `webhook-id`. */
    id: string
    callbackKey: number
    /** Deliveries of one subject are made in order: `machine/12`. */
    subject: string
    url: string
    body: string
    state: 'due' | 'delivered' | 'dead'
    attempts: number
    dueAt: number
    createdAt: number
  }
}
