import type { Command } from 'commander'
import type { Run } from '../../program.ts'
import { parseWhole, works } from '../../verbs.ts'

const verifyText = `
Exit code 3 when the record is not whole; each fault is named. Keep number and hash elsewhere and hand them in later: what the
database cannot tell by itself then shows.`

export function audit(noun: Command, run: Run): void {
  const list = noun.command('list').alias('ls').description('Lists who did what, oldest first.')
  list.option('--after <position>', 'from the entry after this one on', parseWhole)
  list.option('--limit <count>', 'at most so many', parseWhole, 100)
  list.option('--subject <subject>', 'of this only, such as machine/12')
  list.option('--actor <actor>', 'by this only, such as user/7')
  works(list, run, 'reads', async () => (await import('./list-audit.ts')).listAudit)

  const verify = noun
    .command('verify')
    .description('Walks the whole record and tells what was changed, removed or inserted.')
  verify.option('--number <number>', 'of an earlier answer, with its hash', parseWhole)
  verify.option('--hash <hash>', 'of an earlier answer, with its number')
  verify.addHelpText('after', verifyText)
  works(verify, run, 'reads', async () => (await import('./verify-audit.ts')).verifyAudit)
}
