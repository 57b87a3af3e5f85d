import type { Severity } from '@virtkit/spi'
import type { Generated } from 'kysely'
import type { NotificationDelivery } from './notifications.ts'

export interface NotificationTables {
  notificationFilters: {
    key: Generated<number>
    userKey: number
    type: string
    /** The address. */
    recipient: string
    /** JSON array. */
    severities: string
    /** What happened before is not told. */
    createdAt: number
    /** When the last message was put together; whoever changes it puts the next one together. */
    gatheredAt: number
  }
  /** What a filter let pass. */
  notices: {
    key: Generated<number>
    filterKey: number
    eventId: string
    severity: Severity
    title: string
    text: string
    subject: string
    at: number
    /** The message that tells of it; null while it waits for one. */
    deliveryKey: number | null
  }
  notificationDeliveries: {
    key: Generated<number>
    /** The same in every attempt, for receivers to recognise. */
    id: string
    filterKey: number
    type: string
    recipient: string
    severity: Severity
    title: string
    text: string
    state: NotificationDelivery['state']
    /** Begun so far. A sender that has been overtaken by another recognises it by this. */
    attempts: number
    /** While one is under way: when another sender may take it for lost. */
    dueAt: number
    problem: string | null
    /** JSON array of attempts, oldest first. */
    history: Generated<string>
    createdAt: number
    endedAt: number | null
  }
  /** At most one row. */
  mailSettings: {
    key: number
    server: string
    port: number
    username: string
    /** Sealed; empty when there is none. */
    password: string
    sender: string
    security: 'auto' | 'tls' | 'starttls' | 'none'
  }
}
