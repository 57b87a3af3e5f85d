import { type Command, Option } from 'commander'
import { confirm } from '../../connection/confirm.ts'
import type { Session } from '../../connection/session.ts'
import { clean, printDone } from '../../output/print.ts'
import type { Run } from '../../program.ts'
import { destructive, works } from '../../verbs.ts'

export function eula(noun: Command, run: Run): void {
  const show = noun.command('show').description('Shows the license agreement of whoever runs the installation.')
  show.addOption(new Option('--language <language>', 'in which language').choices(['de', 'en']).default('en'))
  works(show, run, 'reads', async () => showEula)

  const accept = noun.command('accept').description('Accepts it; who and when is recorded.')
  works(destructive(accept), run, 'changes', async () => acceptEula)
}

async function showEula({ client, output }: Session, { language }: { readonly language: 'de' | 'en' }): Promise<void> {
  const texts = await client.eula.get()
  if (output.isJson) return output.json(texts)
  const text = language === 'de' ? texts.eulade : texts.eulaen
  for (const line of (text || 'There is no license agreement.').split(/\r?\n/)) output.line(clean(line))
}

async function acceptEula({ client, output, host }: Session, flags: { readonly yes?: boolean }): Promise<void> {
  await confirm(host, { ...flags, question: 'Accept the license agreement (virtkit eula show)?' })
  printDone(output, await client.eula.accept(), { text: 'The license agreement is accepted.' })
}
