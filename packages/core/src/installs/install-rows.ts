import { notFound } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import type { Queries } from '../database/database.ts'
import type { InstallTables } from './install-tables.ts'
import { phasesOf } from './install-rules.ts'
import type { Install } from './installs.ts'

export type InstallRow = Selectable<InstallTables['installs']>

export async function installRow(queries: Queries, runId: string): Promise<InstallRow> {
  const row = await queries.selectFrom('installs').selectAll().where('runId', '=', runId).executeTakeFirst()
  if (!row) throw notFound('install', runId)
  return row
}

export type PhaseRow = Selectable<InstallTables['installPhases']>

/** Notes that a run has come to a phase; again is harmless. */
export async function enterPhase(queries: Queries, row: PhaseRow): Promise<void> {
  await queries
    .insertInto('installPhases')
    .values(row)
    .onConflict((known) => known.columns(['runId', 'phase']).doNothing())
    .execute()
}

/** The phases that these runs have come to, oldest first. */
export async function phaseRows(queries: Queries, runIds: readonly string[]): Promise<readonly PhaseRow[]> {
  if (runIds.length === 0) return []
  return queries.selectFrom('installPhases').selectAll().where('runId', 'in', runIds).orderBy('startedAt').execute()
}

/** The trace of a run, without opening what is sealed in its plan. */
export function traceOf({ plan }: InstallRow): string | undefined {
  return (JSON.parse(plan) as { readonly trace?: string }).trace
}

export function toInstall(row: InstallRow, entered: readonly PhaseRow[]): Install {
  const trace = traceOf(row)
  return {
    phases: phasesOf(
      entered.filter(({ runId }) => runId === row.runId),
      row.endedAt,
    ),
    ...(trace === undefined ? {} : { trace }),
    ...(row.consoleTail === null ? {} : { consoleTail: JSON.parse(row.consoleTail) as string[] }),
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
