import type { Client, OutputOf } from '@virtkit/rest/client'
import type { Contract } from '@virtkit/rest/contract'
import { formatSize, parseSize } from '@virtkit/spi'

export type Contingent = OutputOf<Contract['resourceContingents']['get']>

export interface Usage {
  readonly name: 'machines' | 'cpus' | 'memory' | 'disk'
  readonly limit: number | string
  /** What its machines have. */
  readonly used: number | string
  /** Promised to what is under way. */
  readonly reserved: number | string
  /** Of the limit, used and reserved together; above 1 where the limit was lowered. */
  readonly share: number
}

/** What a group has of its limits: asked for more than there may be, each dimension says why not. */
export async function usageOf(client: Client, contingent: Contingent): Promise<readonly Usage[]> {
  const ask = { usergroupkey: contingent.usergroupkey, vm: most, cpu: most, ram: mostSize, disc: mostSize }
  const { blocking, free } = await client.resourceContingents.plan(ask)
  return dimensions.map(([dimension, name, field]) => {
    const blocked = blocking.find((each) => each.dimension === dimension)
    const limit = contingent[field]
    const { used, reserved } = blocked ?? { used: less(limit, free?.[dimension] ?? limit), reserved: 0 }
    return { name, limit, used, reserved, share: shareOf(numberOf(used) + numberOf(reserved), numberOf(limit)) }
  })
}

const dimensions = [
  ['vm', 'machines', 'vmlimit'],
  ['cpu', 'cpus', 'cpulimit'],
  ['ram', 'memory', 'memorylimit'],
  ['disc', 'disk', 'disclimit'],
] as const
const most = 2_147_483_647
const mostSize = '8191TB'

/** Without a unit where it has none. */
function less(limit: number | string, free: number | string): number | string {
  const left = numberOf(limit) - numberOf(free)
  return typeof limit === 'number' ? left : formatSize(left)
}

function shareOf(part: number, whole: number): number {
  return whole > 0 ? part / whole : part > 0 ? Number.POSITIVE_INFINITY : 0
}

/** Nothing is no size. */
function numberOf(amount: number | string): number {
  if (typeof amount === 'number') return amount
  return /^0\D/.test(amount) ? 0 : parseSize(amount, { field: 'amount' })
}
