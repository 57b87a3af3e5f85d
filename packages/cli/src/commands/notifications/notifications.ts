import type { Command, Option } from 'commander'
import type { Run } from '../../program.ts'
import { destructive, parseWhole, works } from '../../verbs.ts'
import { severalOf } from '../several-of.ts'

const severities = ['info', 'warning', 'error', 'critical']

export function notifications(noun: Command, run: Run): void {
  const add = noun.command('add').description('Tells somebody of what happens; what they may not see is kept from them.')
  add.requiredOption('--to <address>', 'a mail address, or the URL of a webhook')
  add.option('--type <channel>', 'mail, webhook, or a channel of the host', 'mail')
  add.option('--user <user>', 'who is told (default: who asks)')
  add.addOption(severityOption().default(['warning', 'error', 'critical']))
  works(add, run, 'changes', async () => (await import('./change-filter.ts')).addFilter)

  const list = noun.command('list').alias('ls').description('Lists who is told of what.')
  works(list, run, 'reads', async () => (await import('./show-filters.ts')).listFilters)

  const update = noun.command('update').description('Changes what is named.').argument('<filter>', 'its key or address')
  update.option('--to <address>', 'a mail address, or the URL of a webhook')
  update.option('--type <channel>', 'mail, webhook, or a channel of the host')
  update.option('--user <user>', 'who is told')
  update.addOption(severityOption())
  works(update, run, 'changes', async () => (await import('./change-filter.ts')).updateFilter)

  const deliveries = noun.command('deliveries').description('Lists what was told in the last 30 days, newest first.')
  deliveries.argument('<filter>', 'its key or address')
  deliveries.option('--limit <count>', 'at most so many', parseWhole, 50)
  deliveries.option('--before <key>', 'older ones than this delivery', parseWhole)
  works(deliveries, run, 'reads', async () => (await import('./show-filters.ts')).listDeliveries)

  const remove = noun.command('remove').alias('rm').description('Tells nobody any more.')
  remove.argument('<filter...>', 'keys or addresses')
  works(destructive(remove), run, 'changes', async () => (await import('./change-filter.ts')).removeFilters)
}

function severityOption(): Option {
  return severalOf('--severity <severity>', 'how much it has to matter', severities)
}
