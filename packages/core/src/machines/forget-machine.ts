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

/**
 * Takes a machine off paper: all that it was charged for and its addresses are given back, in the order in which machines that come
 * take them, so that who comes and who goes never wait for each other. Answers what the row was.
 */
export async function forgetMachine(parts: ForgetParts, queries: Queries, key: number): Promise<MachineRow> {
  const row = await lockedMachineRow(queries, key)
  await parts.contingents.charge(queries, row.ownerKey, difference(nothing, amountOf(row)))
  await parts.machineNetworks.release(queries, key)
  await queries.deleteFrom('machines').where('key', '=', key).execute()
  return row
}
