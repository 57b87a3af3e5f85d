import type { Command } from 'commander'
import type { Run } from '../../program.ts'
import { destructive, many, works } from '../../verbs.ts'

export function groups(noun: Command, run: Run): void {
  const add = noun.command('add').description('Makes a group, which owns machines.').argument('<name>', 'what it is called')
  add.option('--user <user>', 'is in it; may be given several times, as the others', many)
  add.option('--network <network>', 'those in it see and use it', many)
  add.option('--cluster <cluster>', 'those in it see and use it', many)
  works(add, run, 'changes', async () => (await import('./change-group.ts')).addGroup)

  const list = noun.command('list').alias('ls').description('Lists the groups.')
  works(list, run, 'reads', async () => (await import('./show-groups.ts')).listGroups)

  const show = noun.command('show').description('Shows a group.').argument('<group>', 'its name or key')
  works(show, run, 'reads', async () => (await import('./show-groups.ts')).showGroup)

  const update = noun.command('update').description('Changes what is named.').argument('<group>', 'its name or key')
  update.option('--name <name>', 'what it is called')
  update.option('--add-user <user>', 'comes in; may be given several times, as the others', many)
  update.option('--remove-user <user>', 'goes out', many)
  update.option('--add-network <network>', 'is given to it', many)
  update.option('--remove-network <network>', 'is taken from it', many)
  update.option('--add-cluster <cluster>', 'is given to it', many)
  update.option('--remove-cluster <cluster>', 'is taken from it', many)
  works(update, run, 'changes', async () => (await import('./change-group.ts')).updateGroup)

  const remove = noun.command('remove').alias('rm').description('Deletes groups; one that owns machines stays.')
  remove.argument('<group...>', 'names or keys')
  works(destructive(remove), run, 'changes', async () => (await import('./change-group.ts')).removeGroups)
}
