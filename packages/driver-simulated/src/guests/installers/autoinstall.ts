import { GuestStopped } from '../guest-context.ts'
import type { GuestContext } from '../guest-context.ts'
import { wipeDisk } from '../guest-disk.ts'
import type { KernelArguments } from '../kernel-arguments.ts'
import { runShell } from '../shell/shell.ts'
import type { ShellHost } from '../shell/shell-host.ts'
import { wantsFolder } from '../shell/system-programs.ts'
import { readAutoinstall } from './autoinstall-answers.ts'
import type { Command } from './autoinstall-answers.ts'
import { kernelNetwork } from './installer-network.ts'
import { baseFiles, fetchAnswers, installerHost, writeTarget } from './installer.ts'

/**
 * Ubuntu's installer with a NoCloud seed from the network: `meta-data` and `user-data`, early commands, the installation, late
 * commands, reboot; `error-commands` when something fails. The live image is taken as loaded: only its address is looked at.
 * https://canonical-subiquity.readthedocs-hosted.com/en/latest/reference/autoinstall-reference.html
 */
export async function installByAutoinstall(context: GuestContext, kernel: KernelArguments): Promise<void> {
  const { hardware, pace } = context
  kernelNetwork(context, kernel)
  const image = kernel.get('url') ?? kernel.get('iso-url')
  if (!image?.endsWith('.iso') && kernel.get('netboot') === undefined) {
    throw new GuestStopped('Unable to find a live file system on the network')
  }
  const seed = seedUrl(kernel.get('ds') ?? '')
  hardware.console('cloud-init: reading the NoCloud seed')
  const metaData = await fetchAnswers(`${seed}meta-data`, context)
  const userData = await fetchAnswers(`${seed}user-data`, context)
  const answers = readAutoinstall(userData, metaData, context)
  // The live system and the one that it copies to the disk have both.
  const tools = ['curl', 'wget']
  const host = installerHost(context, '/target', { installer: tools, target: tools })
  const version = /ubuntu-(\d+\.\d+)/.exec(image ?? '')?.[1]
  const release = { id: 'ubuntu', name: 'Ubuntu', ...(version === undefined ? {} : { version }) }

  try {
    await commands(answers.early, 'early-commands', host)
    wipeDisk(hardware)
    await phase('partitioning', pace.partitionMs, context)
    await phase('copying the system', pace.baseSystemMs, context)
    const system = { ...answers, release, network: 'netplan', tools } as const
    const files = { ...baseFiles(system, context), ...firstBootCommands(answers.runcmd) }
    for (const [path, text] of Object.entries(files)) host.target.host.files.write(path, text)
    await phase('installing packages', pace.packagesMs, context)
    await phase('installing the boot loader', pace.bootLoaderMs, context)
    await commands(answers.late, 'late-commands', host)
  } catch (error) {
    if (error instanceof GuestStopped) for (const command of answers.onError) await runShell(shellText(command), host)
    throw error
  }
  writeTarget(host.target.host, context)
}

/** `ds=nocloud;s=http://…/` or `ds=nocloud-net;s=…`: the folder of the seed, which must end in a slash. */
function seedUrl(source: string): string {
  const [, url] = /^nocloud(?:-net)?;(?:.*;)?(?:s|seedfrom)=([^;]+)/.exec(source) ?? []
  if (url === undefined)
    throw new GuestStopped('The installer found no seed (ds=nocloud;s=…) and waits for someone to answer.')
  if (!url.endsWith('/')) throw new GuestStopped("cloud-init: the seed's address must end in a slash")
  return url
}

async function phase(name: string, ms: number, context: GuestContext): Promise<void> {
  context.hardware.console(`subiquity: ${name}`)
  await context.pause(ms)
}

async function commands(list: readonly Command[], name: string, host: ShellHost): Promise<void> {
  for (const command of list) {
    const status = await runShell(shellText(command), host)
    if (status !== 0) throw new GuestStopped(`subiquity: a command of ${name} failed with status ${status}`)
  }
}

function shellText(command: Command): string {
  if (typeof command === 'string') return command
  return command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
}

/** cloud-init runs its commands once; the simulated one keeps them as a unit with a script. */
function firstBootCommands(runcmd: readonly Command[]): Record<string, string> {
  if (runcmd.length === 0) return {}
  const script = '/var/lib/cloud/instance/scripts/runcmd'
  const done = '/var/lib/cloud/instance/sem/config_scripts_user'
  return {
    [script]: `#!/bin/sh\n${runcmd.map(shellText).join('\n')}\ntouch ${done}\n`,
    '/etc/systemd/system/cloud-final.service': `[Unit]\nConditionPathExists=!${done}\n[Service]\nExecStart=/bin/sh ${script}\n`,
    [`${wantsFolder}/cloud-final.service`]: '-> /etc/systemd/system/cloud-final.service\n',
  }
}
