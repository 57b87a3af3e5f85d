import { createVirtkit } from '@virtkit/core'
import { simulated } from '@virtkit/driver-simulated'
import Sqlite from 'better-sqlite3'
import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import type { DatabaseLocation } from './each-database.ts'

// Has the databases that are named migrated, and leaves nothing else in them: tests are handed copies.

const [databases] = process.argv.slice(2).map((text) => JSON.parse(text) as readonly DatabaseLocation[])
for (const database of databases ?? []) {
  const encryption = { keys: [{ id: 'prepare', key: randomBytes(32).toString('base64') }] }
  const kit = await createVirtkit({ database, encryption, drivers: [simulated], operations: { work: false } })
  await kit.close()
  await ask(database, `delete from virtkit_meta where name = 'installation'`)
}

async function ask(database: DatabaseLocation, sql: string): Promise<void> {
  if ('sqlite' in database) {
    const file = new Sqlite(database.sqlite)
    file.exec(sql)
    file.pragma('wal_checkpoint(truncate)')
    file.close()
    return
  }
  const client = new Client({ connectionString: database.postgres })
  await client.connect()
  await client.query(sql)
  await client.end()
}
