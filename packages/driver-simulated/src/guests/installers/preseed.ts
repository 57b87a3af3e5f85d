import { GuestStopped } from '../guest-context.ts'
import type { GuestContext } from '../guest-context.ts'
import { wipeDisk } from '../guest-disk.ts'
import type { KernelArguments } from '../kernel-arguments.ts'
import { runShell } from '../shell/shell.ts'
import type { ShellHost } from '../shell/shell-host.ts'
import { debianNetwork } from './installer-network.ts'
import { baseFiles, fetchAnswers, installerHost, isCrypted, writeTarget } from './installer.ts'
import { readPreseed } from './preseed-file.ts'
import { openQuestions } from './preseed-questions.ts'

/** Short names of questions on the kernel command line (installation guide, B.2.3). */
const aliases: Readonly<Record<string, string>> = {
  'netcfg/get_hostname': 'hostname',
  'netcfg/get_domain': 'domain',
  'debian-installer/locale': 'locale',
  'keyboard-configuration/xkb-keymap': 'keymap',
  'preseed/url': 'url',
  'auto-install/enable': 'auto',
  'debconf/priority': 'priority',
}

/**
 * debian-installer with an answer file from the network: fetches it, stops at any question that it leaves open, runs its
 * commands and hooks where the real one does, reboots. https://www.debian.org/releases/stable/amd64/apb
 */
export async function installByPreseed(context: GuestContext, kernel: KernelArguments): Promise<void> {
  const { hardware, pace } = context
  const card = debianNetwork(context, kernel)
  const url = kernel.get('url') ?? kernel.get('preseed/url') ?? ''
  hardware.console('debian-installer: loading the preconfiguration file')
  const answers = readPreseed(await fetchAnswers(url, context))
  const ask = (question: string): string | undefined =>
    kernel.get(question) ?? kernel.get(aliases[question] ?? question) ?? answers.get(question)
  const packages = (ask('pkgsel/include') ?? '').split(/[\s,]+/)
  const standard = ask('pkgsel/run_tasksel') !== 'false' && (ask('tasksel/first') ?? 'standard').includes('standard')
  const tools = ['wget', 'curl'].filter((tool) => packages.includes(tool) || (standard && tool === 'wget'))
  // The installer has busybox and its wget; curl only comes with the system, where it was asked for.
  const host = installerHost(context, '/target', { installer: ['wget'], target: tools })

  await step('preseed', host, context, async () => {
    for (const script of (ask('preseed/run') ?? '').split(/\s+/).filter(Boolean)) {
      await command('preseed/run', await fetchAnswers(new URL(script, url).href, context), host)
    }
    await command('preseed/early_command', ask('preseed/early_command'), host)
  })
  const open = openQuestions(ask)
  if (open.length > 0) {
    await failed('main-menu', host)
    throw new GuestStopped(`debian-installer asks: ${open.join(', ')}`)
  }
  await step('partman-base', host, context, async () => {
    await command('partman/early_command', ask('partman/early_command'), host)
    wipeDisk(hardware)
    await context.pause(pace.partitionMs)
  })
  await step('bootstrap-base', host, context, async () => {
    await hooks('base-installer.d', host)
    await context.pause(pace.baseSystemMs)
    const release = { id: 'debian', name: 'Debian GNU/Linux', version: ask('mirror/suite') ?? 'stable' }
    const hash = ask('passwd/root-password-crypted')
    const hostname = ask('netcfg/hostname') ?? ask('netcfg/get_hostname') ?? ''
    const rootPasswordHash = isCrypted(hash) ? hash : '*'
    const system = { hostname, rootPasswordHash, release, network: 'ifupdown', cards: [card], tools } as const
    for (const [path, text] of Object.entries(baseFiles(system, context))) host.target.host.files.write(path, text)
    await hooks('post-base-installer.d', host)
  })
  await step('pkgsel', host, context, async () => {
    await hooks('pre-pkgsel.d', host)
    await context.pause(pace.packagesMs)
  })
  await step('grub-installer', host, context, () => context.pause(pace.bootLoaderMs))
  await step('finish-install', host, context, async () => {
    await hooks('finish-install.d', host)
    await command('preseed/late_command', ask('preseed/late_command'), host)
  })
  writeTarget(host.target.host, context)
}

async function command(question: string, text: string | undefined, host: ShellHost): Promise<void> {
  if (text === undefined || text === '') return
  const status = await runShell(text, host)
  if (status !== 0) throw new GuestStopped(`Running preseed command ${question} failed with exit code ${status}`)
}

async function hooks(folder: string, host: ShellHost): Promise<void> {
  for (const path of host.files.paths().filter((file) => file.startsWith(`/usr/lib/${folder}/`))) {
    await command(path, host.files.read(path), host)
  }
}

async function step(name: string, host: Background, context: GuestContext, work: () => Promise<void>): Promise<void> {
  context.hardware.console(`debian-installer: ${name}`)
  try {
    await work()
  } catch (error) {
    if (error instanceof GuestStopped) await failed(name, host)
    throw error
  }
}

type Background = ShellHost & { readonly background: (() => Promise<number>)[] }

/** main-menu logs the step; whoever watches the log gets their turn. */
async function failed(name: string, host: Background): Promise<void> {
  host.files.write('/var/log/syslog', `main-menu[1]: WARNING **: Configuring '${name}' failed with error code 1\n`)
  for (const job of host.background.splice(0)) await job()
}
