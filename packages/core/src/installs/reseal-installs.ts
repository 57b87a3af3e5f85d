import { type Reseal, resealColumn } from '../access/reseal.ts'
import { resealedPlan } from './sql-install-desk.ts'
import { parametersContext } from './sql-installs.ts'

/** Seals anew what an older key sealed: the passwords that systems were installed with, or are being installed with. */
export const resealInstalls: Reseal = async (queries, keyring) => {
  const parameters = { table: 'installParameters', column: 'passwordHash', id: 'key', context: () => parametersContext }
  let count = await resealColumn(queries, keyring, parameters)
  const rows = await queries.selectFrom('installs').select(['runId', 'plan']).execute()
  for (const { runId, plan } of rows) {
    const fresh = resealedPlan(keyring, { runId, plan })
    if (fresh === undefined) continue
    await queries.updateTable('installs').set({ plan: fresh }).where('runId', '=', runId).where('plan', '=', plan).execute()
    count += 1
  }
  return count
}
