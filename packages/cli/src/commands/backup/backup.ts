import type { Command } from 'commander'
import type { Run } from '../../program.ts'
import { destructive, works } from '../../verbs.ts'

const createText = `
It is of one moment, and everything goes on meanwhile. Without a passphrase it is sealed with the key file of the installation, which a
restore needs: keep that as well. A passphrase is read from --passphrase-file or VIRTKIT_BACKUP_PASSPHRASE, or with --passphrase asked for.`

const restoreText = `
It replaces everything that the installation holds; hypervisors are not touched. The file is checked to its end first; then it is all or
nothing. A backup that was made with a passphrase needs it again.`

export function backup(noun: Command, run: Run): void {
  const create = noun.command('create').description('Writes everything of the installation into one file.')
  create.argument('[file]', 'where to; it must not be there yet (default: named after the time, here)')
  withPassphrase(create).addHelpText('after', createText)
  works(create, run, 'reads', async () => (await import('./create-backup.ts')).createBackup)

  const restore = noun.command('restore').description('Replaces everything by what is in a backup.')
  restore.argument('<file>', 'a backup')
  withPassphrase(restore).addHelpText('after', restoreText)
  works(destructive(restore), run, 'changes', async () => (await import('./restore-backup.ts')).restoreBackup)
}

function withPassphrase(verb: Command): Command {
  return verb
    .option('--passphrase', 'asks for a passphrase')
    .option('--passphrase-file <file>', 'a passphrase, from the first line of a file')
}
