import { type Command, Option } from 'commander'
import type { Run } from '../../program.ts'
import { destructive, parseWhole, works } from '../../verbs.ts'

export function callbacks(noun: Command, run: Run): void {
  const add = noun.command('add').description('Makes a callback; what its deliveries are signed with is told this once.')
  add.requiredOption('--success <url>', 'told when an install has succeeded')
  add.requiredOption('--failure <url>', 'told when an install has failed')
  add.option('--start <url>', 'told when an install starts')
  add.option('--deletion <url>', 'told after a machine is deleted')
  add.option('--notes <text>', 'what it is for')
  works(add, run, 'changes', async () => (await import('./change-callback.ts')).addCallback)

  const list = noun.command('list').alias('ls').description('Lists the callbacks.')
  works(list, run, 'reads', async () => (await import('./show-callbacks.ts')).listCallbacks)

  const show = noun.command('show').description('Shows a callback.').argument('<callback>', 'its key or URL of success')
  works(show, run, 'reads', async () => (await import('./show-callbacks.ts')).showCallback)

  const update = noun.command('update').description('Changes what is named.')
  update.argument('<callback>', 'its key or URL of success')
  update.option('--success <url>', 'told when an install has succeeded')
  update.option('--failure <url>', 'told when an install has failed')
  update.option('--start <url>', "told when an install starts; '' for nobody")
  update.option('--deletion <url>', "told after a machine is deleted; '' for nobody")
  update.option('--notes <text>', 'what it is for')
  works(update, run, 'changes', async () => (await import('./change-callback.ts')).updateCallback)

  const deliveries = noun.command('deliveries').description('Lists what was told, or waits to be, newest first.')
  deliveries.argument('<callback>', 'its key or URL of success')
  deliveries.addOption(new Option('--state <state>', 'only these; `dead`: given up').choices(['due', 'delivered', 'dead']))
  deliveries.option('--limit <count>', 'at most so many', parseWhole, 50)
  deliveries.option('--before <key>', 'older ones than this delivery', parseWhole)
  works(deliveries, run, 'reads', async () => (await import('./deliveries.ts')).listDeliveries)

  const replay = noun.command('replay').description('Tells again what was given up: all of it, or the deliveries named.')
  replay.argument('<callback>', 'its key or URL of success').argument('[delivery...]', 'keys of deliveries')
  works(replay, run, 'changes', async () => (await import('./deliveries.ts')).replayDeliveries)

  const rotate = noun.command('rotate-secret').description('Makes a new signing secret, which is told this once.')
  rotate.argument('<callback>', 'its key or URL of success')
  rotate.option('--grace <time>', 'for how long the one before signs as well, such as 24h (default), at most 720h')
  works(rotate, run, 'changes', async () => (await import('./change-callback.ts')).rotateSecret)

  const remove = noun.command('remove').alias('rm').description('Deletes callbacks.')
  remove.argument('<callback...>', 'keys or URLs of success')
  works(destructive(remove), run, 'changes', async () => (await import('./change-callback.ts')).removeCallbacks)
}
