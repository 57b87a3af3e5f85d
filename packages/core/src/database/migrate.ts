import { VirtkitError } from '@virtkit/spi'
import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Engine } from './database.ts'
import { type SchemaMigration, migrations as ours } from './migrations/index.ts'

const migrationTableName = 'virtkit_migrations'

/**
 * Brings the schema up to this version of the code. Promises: all or nothing, one process at a time, again no effect. Throws
 * `SCHEMA_TOO_NEW` for a database that a newer version has migrated, and leaves it as it is.
 */
export async function migrate(
  db: Kysely<unknown>,
  engine: Engine,
  migrations: readonly SchemaMigration[] = ours,
): Promise<void> {
  await refuseNewer(db, migrations)
  const migrator = new Migrator({
    db,
    migrationTableName,
    migrationLockTableName: `${migrationTableName}_lock`,
    // Two that were written side by side reach databases in either order: each must stand by itself.
    allowUnorderedMigrations: true,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(migrations.map(({ name, up }) => [name, { up: (inner: Kysely<unknown>) => up(inner, engine) }])),
    },
  })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
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
