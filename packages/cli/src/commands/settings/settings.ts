import { Argument, type Command } from 'commander'
import type { Run } from '../../program.ts'
import { destructive, many, works } from '../../verbs.ts'

const services = ['core', 'inventory', 'integrator', 'configurator', 'ipxebuilder', 'logcollector', 'notification']
const levels = ['trace', 'debug', 'info', 'warning', 'error', 'critical']

export function settings(noun: Command, run: Run): void {
  const show = noun.command('show').description('Shows the settings of the installation.')
  works(show, run, 'reads', async () => (await import('./setting-commands.ts')).showSettings)

  const set = noun.command('set').description('Changes what is named.')
  set.option('--install-timeout <duration>', 'how long an installation may take, such as 40m')
  set.option('--deletion-grace <duration>', 'how long a deletion is tried before it is forced, such as 7d')
  set.option('--datastores <pattern>', "datastores that 'auto' may choose, as a regular expression; '' for all")
  set.option('--ignore-datastore <name>', "one that 'auto' never chooses; in place of all that there were", many)
  set.option('--ignore-none', "'auto' may choose every datastore")
  works(set, run, 'changes', async () => (await import('./setting-commands.ts')).setSettings)

  const level = noun.command('levels').description('Shows what each service logs, or sets it.')
  level.addArgument(new Argument('[service]', 'whose level').choices(services))
  level.addArgument(new Argument('[level]', 'from which level up it logs').choices(levels))
  works(level, run, 'changes', async () => (await import('./service-levels.ts')).serviceLevels)

  const reset = noun.command('reset').description('Returns all settings to their defaults.')
  works(destructive(reset), run, 'changes', async () => (await import('./setting-commands.ts')).resetSettings)
}
