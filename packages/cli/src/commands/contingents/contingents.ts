import type { Command } from 'commander'
import type { OutputOptions } from '../../output/output.ts'
import type { Run } from '../../program.ts'
import { destructive, parseWhole, told, works } from '../../verbs.ts'
import type { VerifyContingentsOptions } from './verify-contingents.ts'

const verifyText = `
Exit code 0 when there is no difference, 3 when there is one, 1 when the database cannot be read.

It changes nothing but the schema of a database that an older version wrote, as every kit does. Nothing is worked on meanwhile,
and no hypervisor is asked. With --json each difference is a line ({ "event": "contingent" } or { "event": "address" }), and
the last one is { "event": "verified", "contingents": …, "addresses": … }.`

export function contingents(noun: Command, run: Run): void {
  const show = noun.command('show').alias('list').description('Shows what groups may have, and what they have.')
  show.argument('[group...]', 'names or keys (default: all with limits)')
  works(show, run, 'reads', async () => (await import('./show-contingents.ts')).showContingents)

  const set = noun.command('set').description('Gives a group limits, or other ones; below what it has, it cannot grow.')
  set.argument('<group>', 'its name or key')
  set.option('--machines <number>', 'how many', parseWhole)
  set.option('--cpus <number>', 'how many', parseWhole)
  set.option('--memory <size>', 'such as 128GB')
  set.option('--disk <size>', 'such as 2TB')
  works(set, run, 'changes', async () => (await import('./set-contingent.ts')).setContingent)

  const remove = noun.command('remove').alias('rm').description('Takes the limits of groups away; their machines stay.')
  remove.argument('<group...>', 'names or keys')
  works(destructive(remove), run, 'changes', async () => (await import('./remove-contingents.ts')).removeContingents)

  told(noun.command('verify'))
    .description('Holds what groups are charged against their machines, and addresses in the book against network cards.')
    .requiredOption('--database <where>', 'a SQLite file, sqlite:FILE or postgres://…')
    .addHelpText('after', verifyText)
    .action(async (options: VerifyContingentsOptions & OutputOptions) => {
      await run(async (context) => (await import('./verify-contingents.ts')).verifyContingents(options, context), options)
    })
}
