import type { Virtkit } from '@virtkit/core'
import type { NetworkOptions } from '@virtkit/driver-simulated'
import type { SoakNetwork, SoakWorld } from './job.ts'
import { limitsOf } from './moves.ts'
import type { Dice } from './seeded-random.ts'

interface Plan {
  readonly name: string
  readonly cidr: string
  readonly reservation?: string
  readonly gateway?: string
  /** The last parts of addresses that one asks for. */
  readonly asked: readonly string[]
}

const range = (prefix: string, from: number, to: number, base = 10): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `${prefix}${(from + index).toString(base)}`)

/** Of several sizes; the first are full most of the time. */
const plans: readonly Plan[] = [
  { name: 'tiny', cidr: '10.1.0.0/28', gateway: '10.1.0.1', asked: range('10.1.0.', 2, 14) },
  {
    name: 'small',
    cidr: '10.2.0.0/24',
    reservation: '10.2.0.10-10.2.0.60',
    gateway: '10.2.0.1',
    asked: range('10.2.0.', 10, 60),
  },
  { name: 'middle', cidr: '10.3.0.0/20', asked: range('10.3.0.', 1, 40) },
  { name: 'large', cidr: '10.64.0.0/16', gateway: '10.64.0.1', asked: [] },
  { name: 'six-small', cidr: 'fd00:6::/121', asked: range('fd00:6::', 1, 80, 16) },
  { name: 'six-large', cidr: 'fd00:7::/64', asked: [] },
]

export const simulatedNetworks: readonly NetworkOptions[] = [...plans, { name: 'dhcp' }].map(({ name }) => ({ name }))

const groupCount = 6

/** Sets up through the kit what the clients will fight for. */
export async function setUp(kit: Virtkit, simulator: string, dice: Dice): Promise<SoakWorld> {
  const cluster = await kit.clusters.add({ name: 'soak', type: 'simulated', credentials: { url: simulator } })
  const networks: SoakNetwork[] = []
  for (const { asked, ...plan } of plans) {
    const { key, name } = await kit.networks.add({ ...plan, cluster: cluster.key })
    networks.push({ key, name, asked })
  }
  const dhcp = await kit.networks.add({ name: 'dhcp', cluster: cluster.key, dhcp: true })
  const groups: number[] = []
  for (let index = 0; index < groupCount; index += 1) {
    const { key } = await kit.groups.add({ name: `team-${index}` })
    await kit.contingents.set(key, limitsOf(dice))
    groups.push(key)
  }
  return { cluster: cluster.key, simulator, groups, networks, dhcp: dhcp.key }
}
