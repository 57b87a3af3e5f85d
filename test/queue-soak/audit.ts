import type { Virtkit } from '@virtkit/core'
import { createSimulatorControl } from '@virtkit/driver-simulated'
import type { Pool } from 'pg'
import type { Told } from './orders.ts'

/** All that must be true of so many installations, in sentences where it is not. */
export async function audit(
  kit: Virtkit,
  pool: Pool,
  { machines, simulator, told }: { readonly machines: number; readonly simulator: string; readonly told: Told },
): Promise<string[]> {
  const problems: string[] = []
  const check = (what: string, found: unknown, wanted: unknown): void => {
    if (JSON.stringify(found) !== JSON.stringify(wanted)) {
      problems.push(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`)
    }
  }
  const count = async (sql: string): Promise<number> => {
    const { rows } = await pool.query<{ count: string }>(`select count(*) as count ${sql}`)
    return Number(rows[0]?.count)
  }
  check('machines that are deployed', await count(`from machines where state = 'deployed'`), machines)
  check('machines', await count('from machines'), machines)
  check('installations that are ready', await count(`from installs where phase = 'ready'`), machines)
  check('installations', await count('from installs'), machines)
  check('operations that succeeded', await count(`from operations where state = 'succeeded'`), machines)
  check('operations', await count('from operations'), machines)
  check(
    'addresses, each once',
    await count('from (select distinct network_key, ip from machine_networks where ip is not null) a'),
    machines,
  )
  check('addresses in use', await count(`from addresses where state = 'used' and owner like 'nic/%'`), machines)
  check('contingents', await kit.contingents.verify(), [])
  const { isIntact, checked, faults } = await kit.audit.verify()
  check('audit log', { isIntact, faults, hasEntries: checked > machines }, { isIntact: true, faults: [], hasEntries: true })
  const used = await pool.query('select vm_used, vm_reserved, cpu_used, cpu_reserved from contingents')
  check(
    'used of the contingent',
    used.rows.map((row) => Object.values(row).map(Number)),
    [[machines, 0, machines * 2, 0]],
  )

  check('commands that were answered', told.answers.size, machines * 2)
  check('answers that changed', told.changed, [])
  check('dead letters', told.dead, [])
  const refused = [...told.answers].filter(([, answer]) => !/"status":20[02]/.test(answer))
  check('commands that were refused', refused, [])

  const control = createSimulatorControl({ url: simulator })
  try {
    const there = (await control.summary()).machines
    const marks = await pool.query<{ mark: string }>('select mark from machines order by mark')
    check('machines on the hypervisor', there.length, machines)
    check('their marks', there.map(({ key }) => key).toSorted(), marks.rows.map(({ mark }) => mark).toSorted())
    check('of them on', there.filter(({ power }) => power === 'on').length, machines)
  } finally {
    await control.close()
  }
  return problems
}
