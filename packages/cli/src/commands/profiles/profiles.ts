import type { Command } from 'commander'
import type { Run } from '../../program.ts'
import { destructive, many, parseWhole, works } from '../../verbs.ts'

export function profiles(noun: Command, run: Run): void {
  const add = noun.command('add').description('Makes a preset of machines.').argument('<name>', 'what it is called')
  add.requiredOption('--cluster <cluster>', 'where machines are made')
  add.requiredOption('--os <system>', 'what is installed, such as debian-12')
  add.requiredOption('--cpus <count>', 'processors', parseWhole)
  add.requiredOption('--memory <size>', 'memory, such as 4GB')
  add.requiredOption('--disk <size>', 'disk, such as 40GB')
  add.option('--datastore <name>', 'a datastore, or auto', 'auto')
  add.option('--network <network>', 'gets a card; may be given several times', many)
  works(add, run, 'changes', async () => (await import('./change-profile.ts')).addProfile)

  const list = noun.command('list').alias('ls').description('Lists the profiles.')
  works(list, run, 'reads', async () => (await import('./show-profiles.ts')).listProfiles)

  const show = noun.command('show').description('Shows a profile.').argument('<profile>', 'its name or key')
  works(show, run, 'reads', async () => (await import('./show-profiles.ts')).showProfile)

  const update = noun.command('update').description('Changes what is named; machines that were made from it stay.')
  update.argument('<profile>', 'its name or key')
  update.option('--name <name>', 'what it is called')
  update.option('--cluster <cluster>', 'where machines are made')
  update.option('--os <system>', 'what is installed')
  update.option('--cpus <count>', 'processors', parseWhole)
  update.option('--memory <size>', 'memory')
  update.option('--disk <size>', 'disk')
  update.option('--datastore <name>', 'a datastore, or auto')
  update.option('--network <network>', 'in place of all that it had; may be given several times', many)
  works(update, run, 'changes', async () => (await import('./change-profile.ts')).updateProfile)

  const remove = noun.command('remove').alias('rm').description('Deletes profiles; machines that were made from them stay.')
  remove.argument('<profile...>', 'names or keys')
  works(destructive(remove), run, 'changes', async () => (await import('./change-profile.ts')).removeProfiles)
}
