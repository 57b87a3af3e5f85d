export interface AuditTables {
  /** One for each event, in the order of their positions; the event itself is what it is about (see `audit-rules.ts`). */
  auditLinks: { number: number; position: number; hash: string }
}
