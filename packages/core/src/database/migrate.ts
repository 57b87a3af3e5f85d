import { VirtkitError } from '@virtkit/spi'
import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Engine, Queries } from './database.ts'
import { lockTables } from './lock-tables.ts'
import { type SchemaMigration, migrations as ours } from './migrations/index.ts'
import { ourTables } from './our-tables.ts'

const migrationTableName = 'virtkit_migrations'
const patienceMs = 60_000

/**
 * Brings the schema up to this version of the code. Promises: all or nothing, one process at a time, again no effect; processes of the
 * version before, which are at work meanwhile, wait and go on. Throws `SCHEMA_TOO_NEW` for a database that a newer version has migrated,
 * and leaves it as it is; `DATABASE_UNAVAILABLE` when somebody holds the tables for longer than a minute.
 */
export async function migrate(
  db: Kysely<unknown>,
  engine: Engine,
  migrations: readonly SchemaMigration[] = ours,
): Promise<void> {
  await refuseNewer(db, migrations)
  let isAlone = engine === 'sqlite'
  const carryOut = async ({ up }: SchemaMigration, inner: Kysely<unknown>): Promise<void> => {
    if (!isAlone) await haveTables(inner as Queries)
    isAlone = true
    await up(inner, engine)
  }
  const migrator = new Migrator({
    db,
    migrationTableName,
    migrationLockTableName: `${migrationTableName}_lock`,
    // Two that were written side by side reach databases in either order: each must stand by itself.
    allowUnorderedMigrations: true,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(
          migrations.map((each) => [each.name, { up: (inner: Kysely<unknown>) => carryOut(each, inner) }]),
        ),
    },
  })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

/**
 * Migrations change tables in an order of their own, and who is at work uses them in another: one by one they would wait for each other in
 * a circle, and PostgreSQL would throw somebody out.
 */
async function haveTables(queries: Queries): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = current_schema()`.execute(queries)
  const tables = rows.map(({ name }) => name).filter((name) => ourTables.includes(name))
  if (tables.length > 0) await lockTables(queries, tables, patienceMs)
}

async function refuseNewer(db: Kysely<unknown>, migrations: readonly SchemaMigration[]): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some((table) => table.name === migrationTableName)) return
  const done = (await (db as Kysely<Record<string, { name: string }>>)
    .selectFrom(migrationTableName)
    .select('name')
    .execute()) as { name: string }[]
  const known = new Set(migrations.map(({ name }) => name))
  const newer = done.find(({ name }) => !known.has(name))
  if (!newer) return
  throw new VirtkitError('SCHEMA_TOO_NEW', `This database was migrated by a newer version of Virtkit (${newer.name}).`, {
    details: { found: newer.name, known: migrations.at(-1)?.name ?? 'none' },
    hint: 'Update Virtkit, or restore a backup that this version made.',
  })
}
