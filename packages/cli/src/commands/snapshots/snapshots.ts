import type { Command } from 'commander'
import type { Run } from '../../program.ts'
import { destructive, works } from '../../verbs.ts'

const snapshot = 'its name, key or path, such as /before/after'

export function snapshots(noun: Command, run: Run): void {
  const list = noun.command('list').alias('tree').description('Draws the snapshots of a machine as the tree that they are.')
  list.argument('<machine>', 'its name or key')
  works(list, run, 'reads', async () => (await import('./list-snapshots.ts')).listSnapshots)

  const create = noun.command('create').description('Takes a snapshot.')
  create.argument('<machine>', 'its name or key')
  create.argument('<name>', 'what the snapshot is called')
  create.option('--description <text>', 'what it is for')
  create.option('--memory', 'with what the running machine has in memory')
  works(create, run, 'operates', async () => (await import('./create-snapshot.ts')).createSnapshot)

  const revert = noun.command('revert').description('Puts a machine back to a snapshot; what came after is lost.')
  revert.argument('<machine>', 'its name or key').argument('<snapshot>', snapshot)
  works(destructive(revert), run, 'operates', async () => (await import('./revert-machine.ts')).revertMachine)

  const rename = noun.command('rename').description('Renames or describes a snapshot.')
  rename.argument('<machine>', 'its name or key').argument('<snapshot>', snapshot)
  rename.option('--name <name>', 'a new name')
  rename.option('--description <text>', 'a new description')
  works(rename, run, 'operates', async () => (await import('./rename-snapshot.ts')).renameSnapshot)

  const remove = noun.command('delete').alias('rm').description('Deletes snapshots; what was built on them stays.')
  remove.argument('<machine>', 'its name or key').argument('<snapshot...>', snapshot)
  works(destructive(remove), run, 'operates', async () => (await import('./delete-snapshots.ts')).deleteSnapshots)

  const hardware = noun.command('update-hardware').description("Gives snapshots the machine's present hardware.")
  hardware.argument('<machine>', 'its name or key').argument('<snapshot...>', snapshot)
  works(hardware, run, 'operates', async () => (await import('./update-hardware.ts')).updateHardware)
}
