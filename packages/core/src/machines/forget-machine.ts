import type { Contingents } from '../contingents/contingents.ts'
import type { Queries } from '../database/database.ts'
import type { MachineNetworks } from './machine-networks.ts'
import { type MachineRow, lockedMachineRow } from './machine-rows.ts'
import { amountOf, difference } from './machine-rules.ts'

export interface ForgetParts {
  readonly contingents: Contingents
  readonly machineNetworks: MachineNetworks
}

const nothing = { vm: 0, cpu: 0, memory: 0, disk: 0 }

/** Takes a machine off paper: its addresses and all that it was charged for are given back. Answers what the row was. */
export async function forgetMachine(parts: ForgetParts, queries: Queries, key: number): Promise<MachineRow> {
  const row = await lockedMachineRow(queries, key)
  await parts.machineNetworks.release(queries, key)
  await parts.contingents.charge(queries, row.ownerKey, difference(nothing, amountOf(row)))
  await queries.deleteFrom('machines').where('key', '=', key).execute()
  return row
}
