import type { Virtkit } from '@virtkit/core'
import type { Problem } from './finding.ts'
import type { SqlDoor } from './sql-door.ts'

/** Contingents recomputed from machines and reservations; reservations that should be gone; operations that did not end well. */
export async function auditBooks(kit: Virtkit, door: SqlDoor, sweptAt: number): Promise<Problem[]> {
  const problems: Problem[] = []
  const say = (check: Problem['check'], texts: readonly string[]): void =>
    void problems.push(...texts.map((text) => ({ check, text })))

  for (const dimension of ['vm', 'cpu', 'memory', 'disk']) {
    const onPaper = { vm: '1', cpu: 'cpus', memory: 'memory_mi_b', disk: 'disk_mi_b' }[dimension]
    const rows = await door.all<{ group: number; used: number; reserved: number; actual: number; promised: number }>(
      `select c.group_key as "group", c.${dimension}_used as used, c.${dimension}_reserved as reserved,
        coalesce((select sum(${onPaper}) from machines m where m.owner_key = c.group_key), 0) as actual,
        coalesce((select sum(r.${dimension}) from contingent_reservations r where r.group_key = c.group_key), 0) as promised
        from contingents c`,
    )
    if (rows.length === 0) say('contingent drift', ['there is no contingent to look at'])
    say(
      'contingent drift',
      rows
        .filter((row) => row.used !== row.actual || row.reserved !== row.promised)
        .map((row) => `${dimension} of group ${row.group}: ${JSON.stringify(row)}`),
    )
  }
  say(
    'contingent drift',
    (await kit.contingents.verify()).map((drift) => `verify tells ${JSON.stringify(drift)}`),
  )
  const { isIntact, checked, faults } = await kit.audit.verify()
  if (!isIntact || checked === 0) say('audit log', [`the chain of ${checked} is broken: ${JSON.stringify(faults)}`])

  const stale = await door.all<{ owner: string; until: number }>(
    `select owner, expires_at as "until" from contingent_reservations where expires_at < ${sweptAt} or owner like 'operation/%'`,
  )
  say(
    'stale reservation',
    stale.map(({ owner, until }) => `${owner} holds what ended ${sweptAt - until} ms before the sweep`),
  )

  const open = await door.all<{ id: string; kind: string; state: string; text: string | null }>(
    `select id, kind, state, text from operations where ended_at is null`,
  )
  say(
    'operation',
    open.map((each) => `${each.kind} ${each.id} is ${each.state} still: ${each.text}`),
  )
  const rewritten = await door.all<{ operation: string; was: string; became: string }>(`select * from soak_after_end`)
  say(
    'operation',
    rewritten.map((each) => `${each.operation} had ended ${each.was} and was written again: ${each.became}`),
  )
  const effects = await door.all<{ id: string; n: number }>(
    `select o.id, (select count(*) from soak_effects e where e.operation = o.id) as n from operations o
      where o.kind = 'soak-deploy' and o.state = 'succeeded'`,
  )
  say(
    'operation',
    effects.filter(({ n }) => n !== 1).map(({ id, n }) => `${id} succeeded with its effect ${n} times`),
  )
  return problems
}
