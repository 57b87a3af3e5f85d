import { invalidInput } from '@virtkit/spi'
import { findMachine } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { followOperation, refuseFailed, settle } from '../../connection/settle.ts'
import { readSshKeys } from '../../connection/ssh-keys.ts'
import { Meter } from '../../output/meter.ts'
import { clean, printDone, printSecret } from '../../output/print.ts'

export interface InstallMachineFlags {
  readonly sshKey?: readonly string[]
  readonly package?: readonly string[]
  readonly locale?: string
  readonly keyboard?: string
  readonly timezone?: string
  readonly boot?: 'medium' | 'network'
}

/** Installs a machine and shows how far it is, until it is ready or has failed. */
export async function installMachine(session: Session, given: string, flags: InstallMachineFlags): Promise<void> {
  const { client, output, host } = session
  if (!session.canInstall) {
    const hint = 'name the address of this host where the machine reaches it'
    throw invalidInput([
      { field: '--boot-host', problem: 'is missing: a machine that is installed asks this command', hint },
    ])
  }
  const sshkeys = await readSshKeys(flags.sshKey, host.cwd)
  const machine = await findMachine(client, given)
  const answer = await client.virtualMachines.install({
    key: machine.key,
    ...(sshkeys.length > 0 && { sshkeys }),
    ...(flags.package && { packages: [...flags.package] }),
    ...(flags.locale !== undefined && { locale: flags.locale }),
    ...(flags.keyboard !== undefined && { keyboard: flags.keyboard }),
    ...(flags.timezone !== undefined && { timezone: flags.timezone }),
    ...(flags.boot && { boot: flags.boot }),
  })
  // Told before anything is waited for: nobody can be asked for it again.
  if (output.isJson) output.json(answer)
  else if (answer.password !== undefined) printSecret(output, "Root's password", answer.password)
  if (session.isHasty || answer.operation === undefined) return void (await settle(session, answer, machine.name))
  await follow(session, machine, answer.operation)
  const cards = await client.virtualMachineNetworks.get({ key: machine.key })
  const at = cards.flatMap(({ ip }) => (ip === '' ? [] : ip)).join(' and ')
  const text = `Machine ${machine.name} is installed${at === '' ? '' : `, and answers at ${at}`}.`
  printDone(output, await client.virtualMachines.get({ key: machine.key }), { text })
}

async function follow(
  session: Session,
  { key, name }: { readonly key: number; readonly name: string },
  operation: string,
): Promise<void> {
  const { client, output, host } = session
  const meter = new Meter(output, name, session.say)
  const runOf = async () => (await client.virtualMachines.installs({ key }))[0]
  try {
    const ended = await followOperation(session, operation, async () => {
      const run = await runOf()
      // Words that change all the time are for a bar.
      const detail = output.isLive && run?.detail !== undefined && run.detail !== '' ? `: ${run.detail}` : ''
      if (run) meter.set(run.percent, clean(`${run.phase}${detail}`))
    })
    if (ended.state !== 'succeeded')
      for (const line of (await runOf())?.console ?? []) host.stderr.write(`  ${clean(line)}\n`)
    refuseFailed(ended)
  } finally {
    meter.end()
  }
}
