import type { Command } from 'commander'
import type { Run } from '../../program.ts'
import { parseWhole, works } from '../../verbs.ts'
import { severalOf } from '../several-of.ts'

const services = ['core', 'inventory', 'integrator', 'configurator', 'ipxebuilder', 'logcollector', 'notification']
const levels = ['trace', 'debug', 'info', 'warning', 'error', 'critical']

const showText = `
Times are like 2026-11-27T10:00:00Z, or so long ago: 10m, 2h, 7d. With --json each line is an object. How much a service logs, tells
'virtkit settings levels'.`

export function logs(noun: Command, run: Run): void {
  const show = noun.command('show').description('Shows what was logged, the newest last.')
  show.addOption(severalOf('--service <service>', 'only of this one', services))
  show.addOption(severalOf('--level <level>', 'only of this one', levels))
  show.option('--since <time>', 'from then on')
  show.option('--until <time>', 'up to then')
  show.option('--limit <count>', 'the newest so many', parseWhole, 100)
  show.option('--pseudonyms', 'stands in for names, hosts, IP and MAC addresses; always the same for the same')
  show.option('-f, --follow', 'goes on with what is logged from now on, until it is interrupted')
  show.addHelpText('after', showText)
  works(show, run, 'reads', async () => (await import('./show-logs.ts')).showLogs)
}
