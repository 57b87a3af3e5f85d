import { type Clock, notFound } from '@virtkit/spi'
import type { Insertable } from 'kysely'
import type { Contingents } from '../contingents/contingents.ts'
import type { Queries } from '../database/database.ts'
import type { Licensing } from '../licensing/licensing.ts'
import { amountOf } from './machine-rules.ts'
import type { MachineTables } from './machine-tables.ts'

export interface PaperParts {
  readonly clock: Clock
  readonly contingents: Contingents
  readonly licensing: Licensing
}

export type PaperMachine = Omit<Insertable<MachineTables['machines']>, 'key' | 'createdAt' | 'version'>

/**
 * Charges a machine and writes its row: the one way by which machines come to paper. The licence is asked first, so that everybody
 * takes locks in the same order. Answers the key.
 */
export async function putOnPaper(parts: PaperParts, queries: Queries, machine: PaperMachine): Promise<number> {
  const owner = await queries.selectFrom('userGroups').select('key').where('key', '=', machine.ownerKey).executeTakeFirst()
  if (!owner) throw notFound('user group', machine.ownerKey)
  await parts.licensing.claim(queries)
  await parts.contingents.charge(queries, machine.ownerKey, amountOf(machine))
  const { key } = await queries
    .insertInto('machines')
    .values({ ...machine, createdAt: parts.clock.now(), version: 1 })
    .returning('key')
    .executeTakeFirstOrThrow()
  return key
}
