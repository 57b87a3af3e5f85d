import type { Machine, MachineFilter, MachineOrder, MachinePlace, MachineState } from '@virtkit/core'
import type { OperationContract } from '../contract/operation.ts'
import type { Call } from './handler.ts'
import { Page, readListRequest, streamList } from './pages.ts'

/** The fields by which machines are filtered and sorted in the database, and what core calls them. */
const coreNames = { key: 'key', name: 'name', owner: 'owner', clusterkey: 'cluster', status: 'state' } as const
export const machineFields = ['key', 'name', 'owner', 'clusterkey', 'status'] as const

interface MachineQuery {
  readonly key?: number | undefined
  readonly name?: string | undefined
  readonly owner?: number | undefined
  readonly clusterkey?: number | undefined
  readonly status?: MachineState | undefined
}

/** One less than core answers at once, to see whether there is more. */
const streamed = 999

/** A page of machines, or all of them as a stream: there may be more than a process should hold. */
export async function machinesAsked<Wire>(
  { services, by }: Pick<Call, 'services' | 'by'>,
  operation: OperationContract,
  query: MachineQuery,
  toWire: (machine: Machine) => Wire,
): Promise<Page<Wire> | Response> {
  const { orders, limit, after } = readListRequest(operation, query)
  const names = orders.map(({ field }) => coreNames[field as keyof typeof coreNames])
  const sort = orders.map(({ descending }, index) => `${descending ? '-' : ''}${names[index]!}` as MachineOrder)
  const given = Object.entries(coreNames).map(([wire, name]) => [name, query[wire as keyof MachineQuery]])
  const filter: MachineFilter = { ...Object.fromEntries(given.filter(([, value]) => value !== undefined)), sort }
  const read = async (most: number, behind: MachinePlace | undefined): Promise<Page<Machine>> => {
    const place = behind && { after: behind }
    const found = await services.machines.list({ ...filter, ...place, limit: Math.min(most + 1, 1000) }, by)
    return new Page(found.slice(0, most), found.length > most || found.length === 1000)
  }
  const start = after && (Object.fromEntries(names.map((name, index) => [name, after[index]])) as unknown as MachinePlace)
  if (limit === undefined) return streamList((last: Machine | undefined) => read(streamed, last ?? start), toWire)
  const page = await read(limit, start)
  return new Page(page.items.map(toWire), page.hasMore)
}
