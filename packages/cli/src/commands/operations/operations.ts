import type { Command } from 'commander'
import type { Run } from '../../program.ts'
import { parseWhole, works } from '../../verbs.ts'

export function operations(noun: Command, run: Run): void {
  const list = noun.command('list').alias('ls').description('Lists operations, the newest first.')
  list.option('--open', 'only those that have not ended')
  list.option('--machine <machine>', 'only those of this machine')
  list.option('--limit <number>', 'at most so many', parseWhole, 20)
  works(list, run, 'reads', async () => (await import('./list-operations.ts')).listOperations)

  const watch = noun
    .command('watch')
    .description('Shows how far an operation is, until its end; on a database, carries it out.')
  watch.argument('<id>', 'as lists and commands tell it')
  watch.addHelpText('after', '\nExit code 1 when it failed or was cancelled.')
  works(watch, run, 'operates', async () => (await import('./watch-operation.ts')).watchOperation)

  const cancel = noun.command('cancel').description('Asks an operation to stop, and to undo what it did.')
  cancel.argument('<id>', 'as lists and commands tell it')
  works(cancel, run, 'operates', async () => (await import('./cancel-operation.ts')).cancelOperation)

  const why = noun.command('why').description('Tells what an operation did step by step, and why it failed.')
  why.argument('<id>', 'as lists and commands tell it')
  works(why, run, 'reads', async () => (await import('./explain-operation.ts')).explainOperation)
}
