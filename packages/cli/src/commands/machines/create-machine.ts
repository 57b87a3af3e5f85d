import { invalidInput } from '@virtkit/spi'
import { findEach } from '../../connection/find-others.ts'
import { findCluster, findGroup, findNetwork, findSystem } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printDone } from '../../output/print.ts'
import { installMachine } from './install-machine.ts'
import { planMachine } from './plan-machine.ts'

export interface CreateMachineFlags {
  readonly owner: string
  readonly cluster: string
  readonly os: string
  readonly cpus?: number
  readonly memory?: string
  readonly disk?: string
  readonly network?: readonly string[]
  readonly datastore?: string
  readonly thick?: boolean
  readonly uefi?: boolean
  readonly plan?: boolean
  readonly install?: boolean
}

/** Creates a machine on paper; sizes that are left out are those that its system recommends. */
export async function createMachine(session: Session, name: string, flags: CreateMachineFlags): Promise<number | void> {
  const { client, output } = session
  if (flags.plan && flags.install)
    throw invalidInput([{ field: '--plan', problem: 'installs nothing; leave --install out' }])
  const system = await findSystem(client, flags.os)
  const cluster = await findCluster(client, flags.cluster)
  const owner = await findGroup(client, flags.owner)
  const networks = await findEach(flags.network, (each) => findNetwork(client, each, { cluster: cluster.key }))
  const wish = {
    name,
    owner: owner.key,
    clusterkey: cluster.key,
    oskey: system.key,
    cpu: flags.cpus ?? system.recommendedcpu,
    ram: flags.memory ?? system.recommendedram,
    disc: flags.disk ?? system.recommendeddisc,
    datastore: flags.datastore ?? 'auto',
    networks: networks.map(({ key }) => key),
    ...(flags.thick && { thickprovisioning: true }),
    ...(flags.uefi && { firmware: 'uefi' as const }),
  }
  if (flags.plan) return planMachine(session, wish)
  const machine = await client.virtualMachines.create(wish)
  const cards = await client.virtualMachineNetworks.get({ key: machine.key })
  const addresses = cards.map(({ ip }) => (ip === '' ? 'one by DHCP' : ip)).join(' and ')
  const at = addresses === '' ? '' : `, and the address ${addresses}`
  printDone(output, machine, { text: `Machine ${name} has the key ${machine.key}${at}.`, key: machine.key })
  if (flags.install) await installMachine(session, String(machine.key), {})
}
