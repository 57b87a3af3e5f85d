import type { Command } from 'commander'
import type { Effect } from '../../connection/session.ts'
import type { Run } from '../../program.ts'
import { destructive, works } from '../../verbs.ts'

const addText = `
The password of the hypervisor is asked for, piped in with --password-stdin, read from --password-file, or in
VIRTKIT_CLUSTER_PASSWORD. It is tried before anything is kept.`

export function clusters(noun: Command, run: Run): void {
  const add = noun.command('add').description('Registers a hypervisor, after its credentials were tried.')
  add.argument('<name>', 'what it is called here')
  add.requiredOption('--type <kind>', 'the kind of hypervisor: vmware, proxmox, libvirt, simulated, …')
  add.option('--address <url>', 'where the hypervisor answers')
  add.option('--username <name>', 'who we are there')
  add.option('--password-stdin', 'reads the password from stdin')
  add.option('--password-file <file>', 'reads the password from the first line of a file')
  add.option('--credentials <name>', 'takes credentials that are here already, in place of all these')
  add.option('--insecure', 'does not verify the certificate')
  add.option('--http', 'plain HTTP')
  add.option('--options <file>', "JSON with the driver's own options; no secrets")
  add.option('--no-test', 'does not connect')
  add.addHelpText('after', addText)
  works(add, run, 'changes', async () => (await import('./add-cluster.ts')).addCluster)

  const list = noun.command('list').alias('ls').description('Lists the clusters.')
  works(list, run, 'reads', async () => (await import('./list-clusters.ts')).listClusters)

  const show = noun.command('show').description('Shows a cluster.').argument('<cluster>', 'its name or key')
  works(show, run, 'reads', async () => (await import('./show-cluster.ts')).showCluster)

  const check = noun.command('check').description('Connects, and tells what the hypervisor can do and what we lack there.')
  check.argument('<cluster>', 'its name or key')
  check.addHelpText('after', '\nExit code 3 when privileges are missing; each is named with what needs it.')
  works(check, run, 'reads', async () => (await import('./check-cluster.ts')).checkCluster)

  const sync = noun.command('sync').description('Reads networks and defaults of the hypervisor into the inventory.')
  sync.argument('<cluster>', 'its name or key')
  sync.option('--networks', 'networks only, or with what else is named')
  sync.option('--defaults', 'datacenter, resource pool, host and datastore only, or with what else is named')
  sync.option('--images', "puts boot images on the hypervisor's datastore")
  works(sync, run, 'operates', async () => (await import('./sync-cluster.ts')).syncCluster)

  const importing = noun
    .command('import')
    .description('Takes over machines that the hypervisor has; names none: lists them.')
  importing.argument('<cluster>', 'its name or key')
  importing.argument('[machine...]', 'names on the hypervisor')
  importing.option('--owner <group>', 'who is charged')
  importing.option('--all', 'all that can be taken over')
  works(importing, run, importEffect, async () => (await import('./import-machines.ts')).importMachines)

  const remove = noun.command('remove').alias('rm').description('Forgets clusters; on the hypervisors nothing changes.')
  remove.argument('<cluster...>', 'names or keys')
  works(destructive(remove), run, 'changes', async () => (await import('./remove-clusters.ts')).removeClusters)
}

/** Who names no machine only looks. */
const importEffect = ({ all }: { readonly all?: boolean }, _: string, names: readonly string[]): Effect =>
  all || names.length > 0 ? 'operates' : 'reads'
