import { findMachine } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { exitCodes } from '../../exit-codes.ts'
import { printDetails, printList } from '../../output/print.ts'
import { showTime } from '../../output/times.ts'

/** What is on paper, and of a deployed machine what the hypervisor says. With `--compare`, exit 3 where they differ. */
export async function showMachine(
  session: Session,
  given: string,
  { compare = false }: { readonly compare?: boolean },
): Promise<number> {
  const { client, output } = session
  const machine = await findMachine(client, given)
  if (compare) return compareMachine(session, machine.key)
  const { key, deployed, status } = machine
  const said = deployed && status !== 'template' ? await client.virtualMachines.info({ key }) : undefined
  const cards = await client.virtualMachineNetworks.get({ key })
  if (output.isJson) {
    output.json({ ...machine, cards, ...(said && { powerstate: said.powerstate, ips: said.ips }) })
    return exitCodes.ok
  }
  const [group, cluster, networks, systems] = await Promise.all([
    client.usergroups.get({ key: machine.owner }),
    client.clusters.get({ key: machine.clusterkey }),
    client.networks.list({ cluster: machine.clusterkey }),
    client.operatingSystems.list(),
  ])
  const names = new Map(networks.map((network) => [network.key, network.name]))
  printDetails(output, [
    ['key', key],
    ['name', machine.name],
    ['status', status],
    ['power', said?.powerstate ?? ''],
    ['owner', group.groupname],
    ['cluster', cluster.name],
    ['system', systems.find((system) => system.key === machine.oskey)?.name ?? 'other'],
    ['cpus', machine.cpu],
    ['memory', machine.ram],
    ['disk', `${machine.disc}, ${machine.thickprovisioning ? 'thick' : 'thin'}`],
    ['datastore', machine.placeddatastore ?? machine.datastore],
    ['firmware', machine.firmware],
    ...cards.map(
      ({ netkey, ip, mac }) => ['card', `${names.get(netkey) ?? netkey}  ${ip === '' ? 'by DHCP' : ip}  ${mac}`] as const,
    ),
    ['uses', said?.ips.join(', ') ?? ''],
    ['deletion', machine.scheduleddeletion === 0 ? '' : `is tried until ${showTime(machine.scheduleddeletion)}`],
  ])
  return exitCodes.ok
}

async function compareMachine({ client, output }: Session, key: number): Promise<number> {
  const differences = await client.virtualMachines.compare({ key })
  printList(output, differences, {
    columns: [
      { title: 'field', of: ({ field }) => field },
      { title: 'on paper', of: ({ paper }) => paper },
      { title: 'on the hypervisor', of: ({ hypervisor }) => hypervisor },
    ],
    key: ({ field }) => field,
    none: 'Paper and hypervisor agree.',
  })
  return differences.length === 0 ? exitCodes.ok : exitCodes.drift
}
