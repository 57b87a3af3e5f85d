import { type ColumnDefinitionBuilder, type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { Engine } from '../database.ts'

/** Who is told of what, what waits to be told, the messages that told it, and the mail server that they go through. */
export async function notifications(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()
  const belongs = (target: string) => (column: ColumnDefinitionBuilder) =>
    column.references(`${target}.key`).onDelete('cascade').notNull()
  const keyed = (name: string): CreateTableBuilder<string> =>
    (db.schema.createTable(name) as CreateTableBuilder<string>).addColumn('key', 'integer', (column) =>
      engine === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey().generatedByDefaultAsIdentity(),
    )

  await keyed('notificationFilters')
    .addColumn('userKey', 'integer', belongs('users'))
    .addColumn('type', 'text', required)
    .addColumn('recipient', 'text', required)
    .addColumn('severities', 'text', required)
    .addColumn('createdAt', 'bigint', required)
    .addColumn('gatheredAt', 'bigint', required)
    .addUniqueConstraint('notification_filters_recipient', ['userKey', 'type', 'recipient'])
    .execute()
  await keyed('notificationDeliveries')
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('filterKey', 'integer', belongs('notificationFilters'))
    .addColumn('type', 'text', required)
    .addColumn('recipient', 'text', required)
    .addColumn('severity', 'text', required)
    .addColumn('title', 'text', required)
    .addColumn('text', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('attempts', 'integer', required)
    .addColumn('dueAt', 'bigint', required)
    .addColumn('problem', 'text')
    .addColumn('createdAt', 'bigint', required)
    .addColumn('endedAt', 'bigint')
    .execute()
  await keyed('notices')
    .addColumn('filterKey', 'integer', belongs('notificationFilters'))
    .addColumn('eventId', 'text', required)
    .addColumn('severity', 'text', required)
    .addColumn('title', 'text', required)
    .addColumn('text', 'text', required)
    .addColumn('subject', 'text', required)
    .addColumn('at', 'bigint', required)
    .addColumn('deliveryKey', 'integer', (c) => c.references('notificationDeliveries.key').onDelete('cascade'))
    .addUniqueConstraint('notices_once', ['filterKey', 'eventId'])
    .execute()
  await sql`create index notices_waiting on notices (filter_key) where delivery_key is null`.execute(db)
  await sql`create index notices_of_delivery on notices (delivery_key)`.execute(db)
  await sql`create index notification_deliveries_due on notification_deliveries (due_at) where state = 'due'`.execute(db)
  await sql`create index notification_deliveries_log on notification_deliveries (filter_key, key)`.execute(db)
  await sql`create index notification_deliveries_ended on notification_deliveries (ended_at)
    where ended_at is not null`.execute(db)
  // Whose a machine was that is gone: its operations know.
  await sql`create index operations_group on operations (subject) where group_key is not null`.execute(db)

  await (db.schema.createTable('mailSettings') as CreateTableBuilder<string>)
    .addColumn('key', 'integer', (c) => c.primaryKey())
    .addColumn('server', 'text', required)
    .addColumn('port', 'integer', required)
    .addColumn('username', 'text', required)
    .addColumn('password', 'text', required)
    .addColumn('sender', 'text', required)
    .addColumn('security', 'text', required)
    .execute()
}
