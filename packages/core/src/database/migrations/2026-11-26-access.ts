import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { Engine } from '../database.ts'

/** Access tokens, failed logins, and who did what: the actor beside each event, and the chain over all of them. */
export async function access(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const table = (name: string): CreateTableBuilder<string> => db.schema.createTable(name) as CreateTableBuilder<string>
  const tokens = table('accessTokens')
  const keyed =
    engine === 'sqlite'
      ? tokens.addColumn('key', 'integer', (column) => column.primaryKey().autoIncrement())
      : tokens.addColumn('key', 'integer', (column) => column.primaryKey().generatedByDefaultAsIdentity())
  await keyed
    .addColumn('lookup', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull().unique())
    .addColumn('userKey', 'integer', (c) => c.notNull().references('users.key').onDelete('cascade'))
    .addColumn('generation', 'integer', (c) => c.notNull())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addColumn('expiresAt', 'bigint', (c) => c.notNull())
    .execute()
  await sql`create index access_tokens_lookup on access_tokens (lookup)`.execute(db)
  await sql`create index access_tokens_user on access_tokens (user_key)`.execute(db)
  await sql`create index access_tokens_expiry on access_tokens (expires_at)`.execute(db)
  await sql`alter table users add column generation integer not null default 0`.execute(db)

  await table('loginFailures')
    .addColumn('about', 'text', (c) => c.primaryKey())
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('failedAt', 'bigint', (c) => c.notNull())
    .execute()
  await sql`create index login_failures_age on login_failures (failed_at)`.execute(db)
  await table('knownLogins')
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('known_logins_key', ['account', 'address'] as never)
    .execute()

  for (const column of ['actor', 'actor_name', 'request']) {
    await sql`alter table events add column ${sql.raw(column)} text`.execute(db)
  }
  await sql`alter table operations add column actor text`.execute(db)
  await table('auditLinks')
    .addColumn('number', 'bigint', (c) => c.primaryKey())
    .addColumn('position', 'bigint', (c) => c.notNull().unique())
    .addColumn('hash', 'text', (c) => c.notNull())
    .execute()
}
