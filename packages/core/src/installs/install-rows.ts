import { notFound } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import type { Queries } from '../database/database.ts'
import type { InstallTables } from './install-tables.ts'
import type { Install } from './installs.ts'

export type InstallRow = Selectable<InstallTables['installs']>

export async function installRow(queries: Queries, runId: string): Promise<InstallRow> {
  const row = await queries.selectFrom('installs').selectAll().where('runId', '=', runId).executeTakeFirst()
  if (!row) throw notFound('install', runId)
  return row
}

export function toInstall(row: InstallRow): Install {
  return {
    runId: row.runId,
    machine: row.machineKey,
    operation: row.operationId,
    phase: row.phase,
    percent: row.percent,
    createdAt: row.createdAt,
    ...(row.detail === null ? {} : { detail: row.detail }),
    ...(row.endedAt === null ? {} : { endedAt: row.endedAt }),
  }
}
