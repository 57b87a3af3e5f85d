import { eachDatabase } from '@virtkit/test-databases'
import { type Kysely, sql } from 'kysely'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { migrate } from './migrate.ts'
import { type SchemaMigration, migrations } from './migrations/index.ts'
import { openDatabase } from './open-database.ts'

const next: SchemaMigration = {
  name: '9999-12-31-next',
  up: async (db) => {
    await db.schema.alterTable('machines').addColumn('color', 'text').execute()
    await db.schema.alterTable('operations').addColumn('weight', 'integer').execute()
  },
}

eachDatabase((db) => {
  it('who uses tables in another order than a migration changes them waits for it, or it for them, and nobody is thrown out', async () => {
    await using working = await openDatabase(await db.options())
    await using coming = await openDatabase(await db.options())
    const { queries } = working.database
    const begun = Promise.withResolvers<void>()
    // One that is not repeated: whoever is thrown out of a circle is told so.
    const work = queries.transaction().execute(async (inner) => {
      await inner.selectFrom('operations').select('id').execute()
      begun.resolve()
      await sleep(200) // the migration is at the tables by then
      return inner.selectFrom('machines').select('key').execute()
    })
    await begun.promise
    const migrated = migrate(coming.database.queries as unknown as Kysely<unknown>, db.engine, [...migrations, next])
    expect(await Promise.allSettled([work, migrated])).toEqual([
      { status: 'fulfilled', value: [] },
      { status: 'fulfilled', value: undefined },
    ])
    await sql`select color, weight from machines, operations`.execute(queries)
  })
})
