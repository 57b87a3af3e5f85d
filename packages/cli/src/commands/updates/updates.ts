import type { Command } from 'commander'
import { confirm } from '../../connection/confirm.ts'
import type { Session } from '../../connection/session.ts'
import { printDetails, printDone } from '../../output/print.ts'
import type { Run } from '../../program.ts'
import { destructive, works } from '../../verbs.ts'

export function updates(noun: Command, run: Run): void {
  const show = noun.command('show').description('Shows which version runs, and whether there is a newer one.')
  works(show, run, 'reads', async () => showUpdate)

  const schedule = noun
    .command('schedule')
    .description('Has whoever runs the installation update it; nothing is downloaded here.')
  works(destructive(schedule), run, 'changes', async () => scheduleUpdate)
}

async function showUpdate({ client, output }: Session): Promise<void> {
  const status = await client.update.get()
  if (output.isJson) return output.json(status)
  const { currentversion, availableversion, updateavailable, scheduled } = status
  printDetails(output, [
    ['version', currentversion],
    ['available', availableversion || 'not known'],
    ['update', scheduled ? 'is scheduled' : updateavailable ? 'virtkit updates schedule' : 'none'],
  ])
}

async function scheduleUpdate({ client, output, host }: Session, flags: { readonly yes?: boolean }): Promise<void> {
  const { availableversion } = await client.update.get()
  await confirm(host, { ...flags, question: `Update to ${availableversion || 'whatever there is'}?` })
  printDone(output, await client.update.create(), { text: 'The update is scheduled.' })
}
