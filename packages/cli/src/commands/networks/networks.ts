import type { Command } from 'commander'
import type { Run } from '../../program.ts'
import { destructive, many, works } from '../../verbs.ts'

const addText = `
A network is called here as the hypervisor calls it: 'virtkit clusters sync' finds those that there are. Without DHCP, addresses are
handed out from --range, or from all of --cidr but its first, its last and the gateway.`

export function networks(noun: Command, run: Run): void {
  const add = noun.command('add').description('Adds a network of a cluster.')
  add.argument('<name>', 'as the hypervisor calls it')
  add.requiredOption('--cluster <cluster>', 'where it is: a name or key')
  add.option('--cidr <network>', 'its addresses, such as 10.20.0.0/24')
  add.option('--range <range>', 'where to hand out from: a-b, or a part as CIDR')
  add.option('--gateway <address>', 'where other networks begin')
  add.option('--dns <address>', 'a DNS server; several times', many)
  add.option('--exclude <range>', 'not handed out: one address, a-b or CIDR; several times', many)
  add.option('--quarantine <time>', 'how long an address rests before it is used again, such as 40m')
  add.option('--zone <domain>', 'the domain of its machines')
  add.option('--dhcp', 'addresses come from a DHCP server; none are handed out here')
  add.option('--no-internet', 'nothing beyond it can be reached')
  add.addHelpText('after', addText)
  works(add, run, 'changes', async () => (await import('./add-network.ts')).addNetwork)

  const list = noun.command('list').alias('ls').description('Lists the networks.')
  list.option('--cluster <cluster>', 'only of this cluster')
  works(list, run, 'reads', async () => (await import('./list-networks.ts')).listNetworks)

  const show = noun.command('show').description('Shows a network, with a map of its addresses.')
  show.argument('<network>', 'its name or key, or cluster/name')
  works(show, run, 'reads', async () => (await import('./show-network.ts')).showNetwork)

  const free = noun.command('free').description('Tells the next free address; nobody holds it for you.')
  free.argument('<network>', 'its name or key, or cluster/name')
  works(free, run, 'reads', async () => (await import('./free-address.ts')).freeAddress)

  const remove = noun.command('remove').alias('rm').description('Forgets networks; on the hypervisor nothing changes.')
  remove.argument('<network...>', 'names or keys, or cluster/name')
  works(destructive(remove), run, 'changes', async () => (await import('./remove-networks.ts')).removeNetworks)
}
