import { randomUUID } from 'node:crypto'
import type { Virtkit } from '@virtkit/core'

export type WorkName = 'allocate' | 'insertAddress' | 'reserve' | 'insertReservation'

/** What one process is asked to do, all its clients side by side. */
export interface Burst {
  readonly work: WorkName
  /** Networks or groups; the clients are spread over them. */
  readonly subjects: readonly number[]
  /** The number of the first client, of all clients in all processes. */
  readonly first: number
  readonly clients: number
  readonly perClient: number
}

/** What one call got hold of: nobody else may have it. */
type Work = (subject: number) => Promise<string>

/** What the limits are measured on: the same keys as the kit's own tables, and nothing else. */
export const bareTables = `
  create table bare_addresses (network_key integer not null, address text not null, owner text not null,
    state text not null, primary key (network_key, address), unique (network_key, owner));
  create table bare_reservations (id text primary key, group_key integer not null, owner text not null unique,
    vm bigint not null, cpu bigint not null, memory bigint not null, disk bigint not null, expires_at bigint not null)`

type BareTables = {
  bareAddresses: { networkKey: number; address: string; owner: string; state: string }
  bareReservations: typeof amount & { id: string; groupKey: number; owner: string; expiresAt: number }
}

const amount = { vm: 1, cpu: 1, memory: 1, disk: 1 }

/**
 * Each kind of work: ours, and the one durable insert of a row that it is held against, as a host would write it on the kit's own
 * database: the same pool, the same query builder, a commit each.
 */
export function clientWork(kit: Virtkit): Readonly<Record<WorkName, Work>> {
  const queries = kit.database.queries.withTables<BareTables>()
  const inAnHour = (): number => Date.now() + 3_600_000
  return {
    allocate: async (networkKey) => {
      const address = await kit.addresses.allocate(kit.database.queries, { networkKey, owner: `bench/${randomUUID()}` })
      return `${networkKey} ${address}`
    },
    // Eight digits, as an IPv4 address has in the book.
    insertAddress: async (network) => {
      const owner = `bench/${randomUUID()}`
      const row = { networkKey: network, address: owner.slice(6, 14), owner, state: 'used' }
      await queries.insertInto('bareAddresses').values(row).execute()
      return owner
    },
    reserve: async (groupKey) => {
      const owner = `bench/${randomUUID()}`
      await kit.contingents.reserve(kit.database.queries, { groupKey, owner, amount, expiresAt: inAnHour() })
      return owner
    },
    insertReservation: async (group) => {
      const owner = `bench/${randomUUID()}`
      const row = { id: owner, groupKey: group, owner, ...amount, expiresAt: inAnHour() }
      await queries.insertInto('bareReservations').values(row).execute()
      return owner
    },
  }
}

export interface BurstResult {
  /** Of the wall clock, so that processes can be compared. */
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly got: readonly string[]
}

/** Throws what the first failing call threw, when no call is under way any more. */
export async function runBurst(work: Work, { subjects, first, clients, perClient }: Burst): Promise<BurstResult> {
  const got: string[] = []
  const client = async (_: unknown, index: number): Promise<void> => {
    for (let turn = 0; turn < perClient; turn += 1)
      got.push(await work(subjects[(first + index + turn) % subjects.length]!))
  }
  const startedAtMs = now()
  const ends = await Promise.allSettled(Array.from({ length: clients }, client))
  const endedAtMs = now()
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return { startedAtMs, endedAtMs, got }
}

const now = (): number => performance.timeOrigin + performance.now()
