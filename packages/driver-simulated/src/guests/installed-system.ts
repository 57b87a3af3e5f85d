import { createFileTree, overlaid } from './file-tree.ts'
import type { FileTree } from './file-tree.ts'
import type { GuestContext } from './guest-context.ts'
import { diskFiles } from './guest-disk.ts'
import { installedAddresses } from './installed-network.ts'
import { cardName } from './network-cards.ts'
import { runShell } from './shell/shell.ts'
import type { ShellHost, ShellProgram } from './shell/shell-host.ts'
import { wantsFolder } from './shell/system-programs.ts'

const firstBootFolder = '/etc/virtkit/first-boot.d'

/**
 * Starts the system on the disk: network, then what its disk says is to run (enabled systemd units that were written there,
 * `first-boot.d`). Stays up until power is lost.
 */
export async function runInstalledSystem(context: GuestContext): Promise<never> {
  const { hardware, clock, pace, signal } = context
  const files = diskFiles(hardware)
  await context.pause(pace.bootMs)
  hardware.setAddresses(installedAddresses(files, context))
  hardware.writeMemory('uptime-started', new Date(clock.now()).toISOString())
  hardware.console(`${(files.read('/etc/hostname') ?? 'localhost').trim()} login:`)

  const host = installedHost(files, context)
  for (const script of startScripts(files)) {
    const status = await runShell(script, host)
    if (status !== 0) hardware.console(`systemd: a service failed with status ${status}`)
  }
  return untilPowerOff(signal)
}

/** Rejects with the signal's reason. */
export function untilPowerOff(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function installedHost(files: FileTree, context: GuestContext): ShellHost {
  const { hardware, client, clock, signal } = context
  const devices = hardware.nics.map(({ mac }, index) => [`/sys/class/net/${cardName(index)}/address`, `${mac}\n`])
  // Cards are configured anew from what the disk says by then.
  const configure: ShellProgram = () => {
    hardware.setAddresses(installedAddresses(files, context))
    return { status: 0 }
  }
  return {
    files: overlaid(createFileTree(Object.fromEntries(devices)), files),
    tools: new Set(['wget', 'curl'].filter((tool) => files.read(`/usr/bin/${tool}`) !== undefined)),
    client,
    clock,
    signal,
    programs: { ifup: configure, ifdown: configure, netplan: configure, nmcli: configure },
    print: (line) => hardware.console(line),
  }
}

/** What systemd would start that was not brought by a package, in order. */
function startScripts(files: FileTree): string[] {
  const paths = files.paths()
  const units = paths.filter((path) => path.startsWith(`${wantsFolder}/`)).map((path) => path.split('/').at(-1) ?? '')
  const commands = units.flatMap((unit) => commandsOf(files.read(`/etc/systemd/system/${unit}`) ?? '', files))
  return [...commands, ...paths.filter((path) => path.startsWith(`${firstBootFolder}/`))]
}

/** systemd.service(5): `ExecStart` lines, unless a `ConditionPathExists` does not hold. */
function commandsOf(unit: string, files: FileTree): string[] {
  for (const [, not, path = ''] of unit.matchAll(/^ConditionPathExists=(!?)(.+)$/gm)) {
    if ((files.read(path.trim()) === undefined) !== (not === '!')) return []
  }
  return [...unit.matchAll(/^ExecStart=[-@:+!]*(.+)$/gm)].map(([, command = '']) => command.trim())
}
