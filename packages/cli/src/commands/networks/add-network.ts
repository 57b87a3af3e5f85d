import { invalidInput } from '@virtkit/spi'
import { findCluster } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printDone } from '../../output/print.ts'

export interface AddNetworkFlags {
  readonly cluster: string
  readonly cidr?: string
  readonly range?: string
  readonly gateway?: string
  readonly dns?: readonly string[]
  readonly exclude?: readonly string[]
  readonly quarantine?: string
  readonly zone?: string
  readonly dhcp?: boolean
  readonly internet: boolean
}

export async function addNetwork({ client, output }: Session, name: string, flags: AddNetworkFlags): Promise<void> {
  const { cidr = '', range = '', gateway = '', dns = [], exclude = [], zone = '', dhcp = false, internet } = flags
  if (!dhcp && cidr === '') {
    const hint = 'write it like 10.20.0.0/24, or give --dhcp'
    throw invalidInput([{ field: '--cidr', problem: 'is missing', hint }])
  }
  const { key: cluster } = await findCluster(client, flags.cluster)
  const network = await client.networks.create({
    name,
    cluster,
    dhcp,
    cidr,
    ipreservation: range,
    gateway,
    dns: dns.join(','),
    excluded: [...exclude],
    ...(flags.quarantine !== undefined && { quarantine: nanosecondsOf(flags.quarantine) }),
    zonedomain: zone,
    nointernet: !internet,
  })
  printDone(output, network, { text: `Network ${name} has the key ${network.key}.`, key: network.key })
}

const units = { s: 1e9, m: 60e9, h: 3600e9, d: 24 * 3600e9 } as const

/** `90s`, `40m`, `12h`, `7d`. */
function nanosecondsOf(text: string): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (unit !== undefined) return Number(amount) * units[unit as keyof typeof units]
  throw invalidInput([{ field: '--quarantine', problem: `is no time: ${text}`, hint: 'write 90s, 40m, 12h or 7d' }])
}
