import type { Command } from 'commander'
import type { Run } from '../../program.ts'
import { destructive, works } from '../../verbs.ts'

export function license(noun: Command, run: Run): void {
  const show = noun.command('show').description('Shows the licence and how much of it is used.')
  works(show, run, 'reads', async () => (await import('./license-commands.ts')).showLicense)

  const install = noun
    .command('install')
    .description('Installs a licence.')
    .argument('<file>', 'the signed document; - is stdin')
  works(install, run, 'changes', async () => (await import('./license-commands.ts')).installLicense)

  const remove = noun.command('remove').alias('rm').description('Removes the licence.')
  works(destructive(remove), run, 'changes', async () => (await import('./license-commands.ts')).removeLicense)
}
