import type { Actor, MachineFilter, Virtkit } from '@virtkit/core'
import { type BareConnection, connect } from './bare-connection.ts'
import type { BenchContext, Engine, Figure, Row } from './figure.ts'
import { addCluster, openKit } from './open-kit.ts'
import { quantile } from './pairs.ts'

/** How long a page of machines takes, beside the bare query for the same rows on the same connection. */
export const machineLists: Figure = {
  name: 'list',
  async run(context) {
    const rows: Row[] = []
    for (const engine of context.engines) rows.push(...(await onEngine(context, engine)))
    return rows
  },
}

const groupCount = 50
const clusterCount = 4
const pageSize = 100

interface Page {
  readonly setting: string
  readonly filter: MachineFilter
  readonly actor?: Actor
  /** What the bare query asks besides the position. */
  readonly where: string
}

async function onEngine(context: BenchContext, engine: Engine): Promise<Row[]> {
  await using database = await context.database(engine)
  await using bare = connect(database.location, context.poolSize)
  await using kit = await openKit(bare)
  const machines = context.quick ? 2_000 : 100_000
  const pages = await addMachines(kit, bare, machines)
  context.report(`list, ${engine}: ${machines} machines are there`)
  const rows: Row[] = []
  for (const page of pages) {
    const took = await timePages(kit, bare, page, { machines, times: context.quick ? 10 : 400 })
    for (const [name, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const value = quantile(took.ours, share)
      const limit = quantile(took.bare, share)
      const target = { atMost: 30, of: 'value' } as const
      const note = 'the bare query takes longer too: the machine is busy'
      const row = { figure: 'list', engine, setting: `${page.setting}, ${name}`, value, unit: 'ms', limit }
      rows.push({ ...row, ratio: value / limit, ...(name === 'p99' && { target, ...(limit > 30 && { note }) }) })
    }
    context.report(`list, ${engine}: ${page.setting}`)
  }
  return rows
}

/** Machines of groups that lie mixed, each with a network card; one in a hundred is not deployed. */
export async function addMachines(kit: Virtkit, bare: BareConnection, count: number): Promise<readonly Page[]> {
  const clusters: number[] = []
  const groups: number[] = []
  while (clusters.length < clusterCount) clusters.push(await addCluster(kit, `cluster-${clusters.length}`))
  while (groups.length < groupCount) groups.push((await kit.groups.add({ name: `group-${groups.length}` })).key)
  const first = clusters[0]!
  const network = await kit.networks.add({ name: 'lan', cluster: first, cidr: '10.0.0.0/8' })
  // Keys count from one without a gap: there were none before.
  const series = `with recursive series (i) as (select 0 union all select i + 1 from series where i < ${count - 1})`
  await bare.script(`
    insert into machines (name, owner_key, cluster_key, os, cpus, memory_mi_b, disk_mi_b, datastore, provisioning, firmware,
      state, ref, mark, created_at)
    ${series} select 'machine-' || i, ${groups[0]} + i % ${groupCount}, ${first} + (i / ${groupCount}) % ${clusterCount},
      'debian-12', 2, 4096, 40960, 'auto', 'thin', 'uefi',
      case when i * 7 % 1000 < 990 then 'deployed' when i * 7 % 1000 < 999 then 'planned' else 'failed' end,
      'ref-' || i, 'mark-' || i, 1700000000000 from series;
    insert into machine_networks (machine_key, network_key, cluster_key, position, ip, mac, domains)
    select key, ${network.key}, cluster_key, 0, '10.0.0.1', 'mac-' || key, '[]' from machines`)
  // PostgreSQL comes to know its tables by itself in time; of SQLite nobody asks it in production either.
  if (bare.engine === 'postgres') await bare.script('analyze')
  const member = (of: readonly number[]): Actor => ({
    kind: 'user',
    user: 1,
    name: 'member',
    permissions: new Set(['machines:read']),
    groups: of,
  })
  const [one, two, three] = [groups[7]!, groups[21]!, groups[49]!]
  const most = groups.slice(0, 40)
  return [
    { setting: 'all', filter: {}, where: 'true' },
    { setting: 'one owner', filter: { owner: one }, where: `owner_key = ${one}` },
    { setting: 'one cluster', filter: { cluster: first }, where: `cluster_key = ${first}` },
    { setting: 'a rare state', filter: { state: 'failed' }, where: `state = 'failed'` },
    {
      setting: 'a rare state of a cluster',
      filter: { state: 'failed', cluster: first },
      where: `state = 'failed' and cluster_key = ${first}`,
    },
    { setting: 'scoped to 1 group', filter: {}, actor: member([one]), where: `owner_key in (${one})` },
    { setting: 'scoped to 40 groups', filter: {}, actor: member(most), where: `owner_key in (${most.join(', ')})` },
    {
      setting: 'scoped to 3 groups, cluster and state',
      filter: { cluster: first, state: 'deployed' },
      actor: member([one, two, three]),
      where: `owner_key in (${one}, ${two}, ${three}) and cluster_key = ${first} and state = 'deployed'`,
    },
    {
      setting: 'scoped to 1 group, a rare state',
      filter: { state: 'planned' },
      actor: member([one]),
      where: `owner_key in (${one}) and state = 'planned'`,
    },
  ]
}

/** Ours and the bare query take turns at the same random positions. */
async function timePages(
  kit: Virtkit,
  bare: BareConnection,
  { filter, actor, where, setting }: Page,
  { machines, times }: { readonly machines: number; readonly times: number },
): Promise<{ ours: number[]; bare: number[] }> {
  const query = bare.prepare(`select * from machines where ${where} and key > $1 order by key limit ${pageSize}`)
  const ours: number[] = []
  const theirs: number[] = []
  for (let turn = -10; turn < times; turn += 1) {
    const after = Math.floor(Math.random() * machines)
    const startedAt = performance.now()
    const page = await kit.machines.list({ ...filter, after, limit: pageSize }, actor && { actor })
    const midAt = performance.now()
    const rows = await query([after])
    const endedAt = performance.now()
    if (page.length !== rows.length || page[0]?.key !== rows[0]?.key)
      throw new Error(`${setting}: a page after ${after} is not what the bare query finds`)
    if (turn < 0) continue // warming up
    ours.push(midAt - startedAt)
    theirs.push(endedAt - midAt)
  }
  return { ours, bare: theirs }
}
