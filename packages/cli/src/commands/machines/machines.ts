import { type Command, Option } from 'commander'
import type { Effect } from '../../connection/session.ts'
import type { Run } from '../../program.ts'
import { destructive, many, parseWhole, works } from '../../verbs.ts'

const createText = `
Sizes have a unit: 512MB, 4GB, 1.5TB; GB means GiB. A machine is on paper first, with its addresses, and charged to its group;
installing it, or cloning a template, brings it to life. --plan does nothing and tells everything that would be in the way.`

const installText = `
The random password of root is told once, and kept nowhere. On a database, machines that are installed must reach this command:
--boot-host. Ended before its time, the installation stays in the database: virtkit operations watch ID goes on with it.
With --boot network the site's DHCP server sends the machine to the boot server (virtkit serve --tftp-port). It is known by the
MAC of its first card only: whoever is on that network can pass for it while it installs.`

export function machines(noun: Command, run: Run): void {
  const create = sized(noun.command('create').description('Creates a machine on paper, with its addresses.'))
  create.argument('<name>', 'letters, digits and dashes; it becomes the host name')
  create.requiredOption('--owner <group>', 'who is charged')
  create.requiredOption('--cluster <cluster>', 'where')
  create.requiredOption('--os <system>', 'such as debian-12')
  create.option('--network <network>', 'a card with a free address there; several times', many)
  create.option('--datastore <name>', 'default: the one with the most free space that fits')
  create.option('--thick', 'takes all of its disk at once')
  create.option('--uefi', 'starts by UEFI')
  create.option('--plan', 'only says what it would do; exit code 3 when it is not possible')
  create.option('--install', 'and installs it')
  create.addHelpText('after', createText)
  works(create, run, createEffect, async () => (await import('./create-machine.ts')).createMachine)

  const install = noun.command('install').description('Installs a machine, and shows how far it is.')
  install.argument('<machine>', 'its name or key')
  install.option('--ssh-key <file>', 'lets its owner in as root: a file as authorized_keys; several times', many)
  install.option('--package <name>', 'to be installed as well; several times', many)
  install.option('--locale <locale>', 'default: en_US.UTF-8')
  install.option('--keyboard <layout>', 'default: us')
  install.option('--timezone <zone>', 'default: Etc/UTC')
  install.addOption(
    new Option('--boot <from>', 'a medium of its own (default), or the network: PXE').choices(['medium', 'network']),
  )
  install.addHelpText('after', installText)
  works(install, run, 'operates', async () => (await import('./install-machine.ts')).installMachine)

  const list = noun.command('list').alias('ls').description('Lists the machines.')
  list.option('--owner <group>', 'only of this group')
  list.option('--cluster <cluster>', 'only on this cluster')
  list.option('--status <status>', 'only those that are planned, installing, deployed, failed, …')
  works(list, run, 'reads', async () => (await import('./list-machines.ts')).listMachines)

  const info = noun.command('info').alias('show').description('Shows a machine, and what the hypervisor says of it.')
  info.argument('<machine>', 'its name or key')
  info.option('--compare', 'tells where paper and hypervisor differ; exit code 3 when they do')
  works(info, run, 'reads', async () => (await import('./show-machine.ts')).showMachine)

  const power = noun.command('power').description('Switches machines.')
  power.argument('<on|off|shutdown|reset>', 'off and reset pull the plug; shutdown asks the guest first')
  power.argument('<machine...>', 'names or keys')
  works(destructive(power), run, 'operates', async () => (await import('./switch-machines.ts')).switchMachines)

  const change = sized(noun.command('change').alias('resize').description('Changes a machine, also one that is deployed.'))
  change.argument('<machine>', 'its name or key')
  change.option('--name <name>', 'a new name')
  change.option('--owner <group>', 'who is charged from now on')
  change.option('--os <system>', 'another system, until it is installed')
  change.option('--datastore <name>', 'another datastore, until it is installed')
  works(change, run, 'operates', async () => (await import('./change-machine.ts')).changeMachine)

  const remove = noun.command('delete').alias('rm').description('Deletes machines, with their disks and addresses.')
  remove.argument('<machine...>', 'names or keys')
  works(destructive(remove), run, 'operates', async () => (await import('./delete-machines.ts')).deleteMachines)
}

function sized(command: Command): Command {
  return command
    .option('--cpus <number>', 'how many', parseWhole)
    .option('--memory <size>', 'such as 4GB')
    .option('--disk <size>', 'such as 40GB')
}

/** Only who installs has work to carry out. */
const createEffect = ({ install, plan }: { readonly install?: boolean; readonly plan?: boolean }): Effect =>
  install ? 'operates' : plan ? 'reads' : 'changes'
